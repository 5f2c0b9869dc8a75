import type { ResponseMode } from "../core/authorization.ts";
import type { Awaitable } from "../core/time.ts";
import type { CredentialStore } from "../storage/store.ts";
import type { AuthEvent } from "./events.ts";

/** The part of `fetch` that all runtimes share. */
export type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The configuration of a {@linkcode ClerkCliAuth}. */
export interface ClerkCliAuthConfig {
  /** The client ID of the OAuth application. */
  clientId: string;
  /** The issuer: the Frontend API URL of the Clerk instance. https, or http on a loopback host. */
  issuer: string;
  /**
   * Where the issuer's endpoints are: at Clerk's paths, or where its metadata says (RFC 8414). Metadata is
   * cached for a day with the tokens. An issuer without metadata (404 or 410) has its endpoints at Clerk's
   * paths.
   * @default "clerk"
   */
  endpoints?: "clerk" | "discover";
  /**
   * The origins, besides the issuer's, that endpoints in its metadata may be on: https, or http on a loopback
   * host.
   * @default []
   */
  endpointOrigins?: readonly string[];
  /**
   * How the issuer returns the authorization response: in the callback URL, or in a form that the browser
   * posts, so that the authorization code never appears in a URL (OAuth 2.0 Form Post Response Mode).
   * `form_post` needs `endpoints: "discover"`, an issuer that supports it, and a browser on this machine,
   * because there is no URL to paste.
   * @default "query"
   */
  responseMode?: ResponseMode;
  /**
   * The scopes to request (RFC 6749, section 3.3).
   * @default ["profile", "email", "openid", "offline_access"]
   */
  scopes?: readonly string[];
  /**
   * The API that the access token is for: its absolute URI, sent exactly as written (RFC 8707). Backends can
   * then require it as the token's audience. The issuer must know it.
   * @default none
   */
  resource?: string;
  /**
   * Where to keep credentials: in a file sealed with a key in the OS keychain, in a plain file that only its
   * owner can read, in memory, or in a store of your own.
   * @default "keychain"
   */
  storage?: "keychain" | "file" | "memory" | CredentialStore;
  /**
   * The name of the keychain item.
   * @default "clerk-cli-auth"
   */
  keychainService?: string;
  /**
   * What a login does if the keychain is unavailable: store the credentials in a plain file (`file`,
   * announced by an event) or fail (`error`). A refresh never changes the choice.
   * @default "file"
   */
  keychainFallback?: "file" | "error";
  /**
   * Separates the credentials of several environments, such as development and production.
   * @default "default"
   */
  environment?: string;
  /**
   * Separates the credentials of several accounts. It overrides every other choice of a profile;
   * `withProfile()` sets it. Letters, digits, `.`, `_` and `-`.
   * @default what `profileEnvVar`, `profileFile` or `profiles use` say, else `default`
   */
  profile?: string;
  /**
   * The environment variable that may name a profile.
   * @default none
   */
  profileEnvVar?: string;
  /**
   * A file in the working directory that may name a profile. The profile must exist, and its use is
   * announced.
   * @default none
   */
  profileFile?: string;
  /**
   * The port of the loopback listener (RFC 8252, section 7.3). 0 uses any free port; a list is tried in
   * order.
   * @default 0
   */
  callbackPort?: number | readonly number[];
  /**
   * How long a login waits for the user, in milliseconds. If not set, a device login waits until the code
   * expires, at most 30 minutes.
   * @default 120000
   */
  loginTimeoutMs?: number;
  /**
   * The deadline of each request including its body, in milliseconds.
   * @default 30000
   */
  requestTimeoutMs?: number;
  /**
   * Opens the authorization URL while the login waits. Return `false` or reject if no browser could be
   * opened.
   * @default the browser of the system
   */
  openBrowser?: (url: string) => Awaitable<void | boolean>;
  /** The backend's endpoint that returns the identity of a bearer token, for `verifyToken()`. */
  identityEndpoint?: string;
  /**
   * The origins that receive the credential from `fetch()`: https, or http on a loopback host.
   * @default the origin of `identityEndpoint`
   */
  apiOrigins?: readonly string[];
  /** The environment variable that may contain a token, for `resolveToken()`. */
  tokenEnvVar?: string;
  /** The name of the application in pages and messages. */
  appName?: string;
  /** The pages that the browser shows after a login. */
  page?: PageOptions;
  /** A replacement for the runtime's `fetch`. */
  fetch?: FetchFunction;
  /**
   * Whether a login revokes the grant it replaces.
   * @default true
   */
  revokePrevious?: boolean;
  /** Called with progress and warnings. */
  onEvent?: (event: AuthEvent) => void;
  /**
   * Whether a login, or the use of a profile named by a file, writes to the terminal (standard error).
   * @default "auto"
   */
  ui?: "auto" | "none";
}

/** A checked configuration with its defaults. */
export interface ResolvedConfig {
  readonly clientId: string;
  /** Without trailing slashes. */
  readonly issuer: string;
  readonly endpoints: "clerk" | "discover";
  readonly endpointOrigins: readonly string[];
  readonly responseMode: ResponseMode;
  readonly scopes: readonly string[];
  readonly resource: string | undefined;
  readonly storage: "keychain" | "file" | "memory" | CredentialStore;
  readonly keychainService: string | undefined;
  readonly keychainFallback: "file" | "error";
  readonly environment: string;
  /** `undefined` for the default profile, and until one is selected. */
  readonly profile: string | undefined;
  /** Whether the program chose the profile, so that nothing else may. */
  readonly isProfilePinned: boolean;
  readonly profileEnvVar: string | undefined;
  readonly profileFile: string | undefined;
  readonly callbackPorts: readonly number[];
  readonly loginTimeoutMs: number;
  /** The timeout of a device login, if configured. */
  readonly deviceTimeoutMs: number | undefined;
  readonly requestTimeoutMs: number;
  /** How long to wait for the lock, whose holder may be waiting for a response. */
  readonly lockTimeoutMs: number;
  readonly openBrowser: ((url: string) => Awaitable<void | boolean>) | undefined;
  readonly identityEndpoint: string | undefined;
  readonly apiOrigins: readonly string[];
  readonly tokenEnvVar: string | undefined;
  readonly appName: string | undefined;
  readonly page: ResolvedPageOptions;
  readonly fetch: FetchFunction | undefined;
  readonly revokePrevious: boolean;
  readonly onEvent: ((event: AuthEvent) => void) | undefined;
  readonly ui: "auto" | "none";
}

/** Who chose the profile. */
export type ProfileSource = "pinned" | "env" | "file" | "chosen" | "default";

/** The profile in use. */
export interface ProfileSelection {
  /** `undefined` for the default profile. */
  name: string | undefined;
  source: ProfileSource;
  /** The file that named it. */
  path?: string;
}

/** A hexadecimal color (`#rgb` or `#rrggbb`), or one each for light and dark mode. */
export type PageColor = string | { light: string; dark: string };

/** The pages that the browser shows after a login. */
export interface PageOptions {
  /**
   * The color of the check mark.
   * @default green
   */
  accentColor?: PageColor;
  /**
   * The color around the card with the text.
   * @default a light and a dark grey
   */
  backgroundColor?: PageColor;
  /**
   * Where to send the browser after a successful login, instead of our page: https, or http on a loopback
   * host. That page learns neither the code nor the callback URL.
   */
  successUrl?: string;
}

/** Checked {@linkcode PageOptions}. */
export interface ResolvedPageOptions {
  readonly accent: SchemeColors | undefined;
  readonly background: SchemeColors | undefined;
  readonly successUrl: string | undefined;
}

/** A color for light mode and one for dark mode. */
export interface SchemeColors {
  readonly light: string;
  readonly dark: string;
}
