import type { ResponseMode } from "../core/authorization.ts";
import type { Awaitable } from "../core/time.ts";
import type { CredentialStore } from "../storage/store.ts";
import type { AuthEvent } from "./events.ts";

/** `fetch`, as far as it is the same on every runtime. */
export type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** How a {@linkcode ClerkCliAuth} works. */
export interface ClerkCliAuthConfig {
  /** The client id of the OAuth application. */
  clientId: string;
  /** The issuer: the Clerk instance's Frontend API URL. https, or http on a loopback host. */
  issuer: string;
  /**
   * Where the issuer's endpoints are: at Clerk's paths, or where its metadata says (RFC 8414), which is kept for a day
   * in the record beside the tokens. An issuer without metadata (404 or 410) is taken for one with Clerk's paths.
   * @default "clerk"
   */
  endpoints?: "clerk" | "discover";
  /**
   * The origins, besides the issuer's own, that endpoints from its metadata may be on: https, or http on a loopback
   * host.
   * @default []
   */
  endpointOrigins?: readonly string[];
  /**
   * How the authorization response comes: in the address of the callback, or as a form that the browser posts, so that
   * the authorization code never appears in a URL (OAuth 2.0 Form Post Response Mode). `form_post` needs
   * `endpoints: "discover"`, an issuer that offers it, and a browser on this machine: there is nothing to paste.
   * @default "query"
   */
  responseMode?: ResponseMode;
  /**
   * The scopes to ask for (RFC 6749, section 3.3).
   * @default ["profile", "email", "openid", "offline_access"]
   */
  scopes?: readonly string[];
  /**
   * What the access token is for: the absolute URI of the API, sent exactly as it is written here (RFC 8707). Backends
   * can then require it as the token's audience. The issuer must know it.
   * @default none
   */
  resource?: string;
  /**
   * Where credentials are kept: sealed in a file under a key in the OS keychain, in a file in the clear that only its
   * owner can read, in memory, or in a store of yours.
   * @default "keychain"
   */
  storage?: "keychain" | "file" | "memory" | CredentialStore;
  /**
   * The name of the keychain item.
   * @default "clerk-cli-auth"
   */
  keychainService?: string;
  /**
   * What becomes of credentials if the keychain is unavailable: a login stores them in the clear (`file`,
   * announced by an event) or fails (`error`). Decided by each login, never by a refresh.
   * @default "file"
   */
  keychainFallback?: "file" | "error";
  /**
   * Keeps the credentials of several environments (development, production) apart.
   * @default "default"
   */
  environment?: string;
  /**
   * Keeps the credentials of several accounts apart, and wins over every other choice of a profile; `withProfile()` sets
   * it, too. Letters, digits, `.`, `_` and `-`.
   * @default what `profileEnvVar`, `profileFile` or `profiles use` say, else `default`
   */
  profile?: string;
  /**
   * The environment variable that may name a profile.
   * @default none
   */
  profileEnvVar?: string;
  /**
   * A file in the working directory that may name a profile. That profile must exist, and its use is announced.
   * @default none
   */
  profileFile?: string;
  /**
   * The port of the loopback listener; 0 takes any free one, a list is tried in order (RFC 8252, section 7.3).
   * @default 0
   */
  callbackPort?: number | readonly number[];
  /**
   * How long a login waits for the person, in milliseconds. A login with a device code waits as long as the code lives,
   * 30 minutes at most, unless this is set.
   * @default 120000
   */
  loginTimeoutMs?: number;
  /**
   * The deadline of each request, its body included, in milliseconds.
   * @default 30000
   */
  requestTimeoutMs?: number;
  /**
   * Opens the authorization URL. It runs while the listener waits; `false`, or a rejection, means that no browser
   * could be opened.
   * @default the browser of the system
   */
  openBrowser?: (url: string) => Awaitable<void | boolean>;
  /** The backend's endpoint that answers a bearer token with an identity; for `verifyToken()`. */
  identityEndpoint?: string;
  /**
   * The origins that `fetch()` sends the credential to: https, or http on a loopback host.
   * @default the origin of `identityEndpoint`
   */
  apiOrigins?: readonly string[];
  /** The environment variable that may hold a token; for `resolveToken()`. */
  tokenEnvVar?: string;
  /** The name of the application, for the pages and messages that people see. */
  appName?: string;
  /** How the pages look that the browser shows at the end of a login, and where it goes instead. */
  page?: PageOptions;
  /** The `fetch` to send requests with, in place of the runtime's own. */
  fetch?: FetchFunction;
  /**
   * Whether a login revokes the grant that it replaces.
   * @default true
   */
  revokePrevious?: boolean;
  /** Called with what happens on the way. */
  onEvent?: (event: AuthEvent) => void;
  /**
   * Whether a login writes to the terminal (standard error). So does a profile that a file in the working directory
   * names.
   * @default "auto"
   */
  ui?: "auto" | "none";
}

/** A checked configuration, its defaults filled in. */
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
  /** `undefined` for the default one, and before one is selected. */
  readonly profile: string | undefined;
  /** Whether the program chose the profile, so that nothing else does. */
  readonly isProfilePinned: boolean;
  readonly profileEnvVar: string | undefined;
  readonly profileFile: string | undefined;
  readonly callbackPorts: readonly number[];
  readonly loginTimeoutMs: number;
  /** The same for a login with a device code, if it was given. */
  readonly deviceTimeoutMs: number | undefined;
  readonly requestTimeoutMs: number;
  /** How long the lock is waited for: its holder may wait for a response. */
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

/** Who named the profile. */
export type ProfileSource = "pinned" | "env" | "file" | "chosen" | "default";

/** The profile that is used. */
export interface ProfileSelection {
  /** `undefined` for the default one. */
  name: string | undefined;
  source: ProfileSource;
  /** The file that named it. */
  path?: string;
}

/** A colour in hexadecimal notation (`#rgb` or `#rrggbb`), or one for each colour scheme of the person's system. */
export type PageColor = string | { light: string; dark: string };

/** How the pages look that the browser shows at the end of a login, and where it goes instead. */
export interface PageOptions {
  /**
   * The colour of the check mark.
   * @default green
   */
  accentColor?: PageColor;
  /**
   * The colour around the card that the text stands on.
   * @default a light and a dark grey
   */
  backgroundColor?: PageColor;
  /**
   * Where the browser goes after a login that worked, in place of our page: https, or http on a loopback host. Neither
   * the code nor the address that it came to is told to that page.
   */
  successUrl?: string;
}

/** Checked {@linkcode PageOptions}. */
export interface ResolvedPageOptions {
  readonly accent: SchemeColors | undefined;
  readonly background: SchemeColors | undefined;
  readonly successUrl: string | undefined;
}

/** A colour for each colour scheme. */
export interface SchemeColors {
  readonly light: string;
  readonly dark: string;
}
