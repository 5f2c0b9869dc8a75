import type { ResponseMode } from "../core/authorization.ts";
import { ClerkCliAuthError } from "../core/errors.ts";
import { parseHttpsUrl, parseIssuer } from "../core/issuer.ts";
import { quoted } from "../core/text.ts";
import type { Awaitable, CredentialStore } from "../storage/store.ts";
import {
  optionalText,
  originOf,
  parseDuration,
  parseEndpoints,
  parseOrigins,
  parsePorts,
  parseProfile,
  parseResponseMode,
  parseScopes,
  parseStorage,
  requiredText,
} from "./resolve_config.ts";
import type { AuthEvent } from "./events.ts";

/** How a {@linkcode ClerkCliAuth} works. */
export interface ClerkCliAuthConfig {
  /** The client id of the OAuth application. */
  clientId: string;
  /** The issuer: the Clerk instance's Frontend API URL. https, or http on a loopback host. */
  issuer: string;
  /**
   * Where the issuer's endpoints are: at Clerk's paths, or where its metadata says (RFC 8414), which is kept for a day in
   * the record beside the tokens. An issuer without metadata (404 or 410) is taken for one with Clerk's paths.
   * @default "clerk"
   */
  endpoints?: "clerk" | "discover";
  /**
   * The origins, besides the issuer's own, that endpoints from its metadata may be on: https, or http on a loopback host.
   * @default []
   */
  endpointOrigins?: readonly string[];
  /**
   * How the authorization response comes: in the address of the callback, or as a form that the browser posts, so that
   * the authorization code never stands in an address (OAuth 2.0 Form Post Response Mode). `form_post` needs
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
   * What becomes of credentials where the keychain does not serve: a login stores them in the clear (`file`,
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
   * Keeps the credentials of several accounts apart; `withProfile()` sets it too. Letters, digits, `.`, `_` and `-`.
   * @default the plain record
   */
  profile?: string;
  /**
   * The port of the loopback listener; 0 takes any free one, a list is tried in order (RFC 8252, section 7.3).
   * @default 0
   */
  callbackPort?: number | readonly number[];
  /**
   * How long a login waits for the person, in milliseconds.
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
  fetch?: typeof globalThis.fetch;
  /**
   * Whether a login revokes the grant that it replaces.
   * @default true
   */
  revokePrevious?: boolean;
  /** Hears what happens on the way. */
  onEvent?: (event: AuthEvent) => void;
  /**
   * Whether a login writes to the terminal (standard error).
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
  readonly storage: "keychain" | "file" | "memory" | CredentialStore;
  readonly keychainService: string | undefined;
  readonly keychainFallback: "file" | "error";
  readonly environment: string;
  readonly profile: string | undefined;
  readonly callbackPorts: readonly number[];
  readonly loginTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly openBrowser: ((url: string) => Awaitable<void | boolean>) | undefined;
  readonly identityEndpoint: string | undefined;
  readonly apiOrigins: readonly string[];
  readonly tokenEnvVar: string | undefined;
  readonly appName: string | undefined;
  readonly page: ResolvedPageOptions;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly revokePrevious: boolean;
  readonly onEvent: ((event: AuthEvent) => void) | undefined;
  readonly ui: "auto" | "none";
}

const DEFAULT_SCOPES: readonly string[] = ["profile", "email", "openid", "offline_access"];

/**
 * Checks a configuration.
 *
 * @throws {ClerkCliAuthError} `config` that says the rule and what came instead.
 */
export function resolveConfig(config: ClerkCliAuthConfig): ResolvedConfig {
  if (typeof config !== "object" || config === null) {
    throw new ClerkCliAuthError("config", "A configuration object is required");
  }
  return {
    clientId: requiredText(config.clientId, "clientId"),
    issuer: parseIssuer(config.issuer),
    endpoints: parseEndpoints(config.endpoints ?? "clerk"),
    endpointOrigins: parseOrigins(config.endpointOrigins ?? [], "endpointOrigins"),
    responseMode: parseResponseMode(config.responseMode ?? "query", config.endpoints),
    scopes: parseScopes(config.scopes ?? DEFAULT_SCOPES),
    storage: parseStorage(config.storage ?? "keychain"),
    keychainService: optionalText(config.keychainService, "keychainService"),
    keychainFallback: config.keychainFallback ?? "file",
    environment: optionalText(config.environment, "environment") ?? "default",
    profile: config.profile === undefined ? undefined : parseProfile(config.profile),
    callbackPorts: parsePorts(config.callbackPort ?? 0),
    loginTimeoutMs: parseDuration(config.loginTimeoutMs ?? 120_000, "loginTimeoutMs"),
    requestTimeoutMs: parseDuration(config.requestTimeoutMs ?? 30_000, "requestTimeoutMs"),
    openBrowser: config.openBrowser,
    identityEndpoint: config.identityEndpoint === undefined
      ? undefined
      : parseHttpsUrl(config.identityEndpoint, "identityEndpoint").href,
    apiOrigins: parseOrigins(config.apiOrigins ?? originOf(config.identityEndpoint), "apiOrigins"),
    tokenEnvVar: optionalText(config.tokenEnvVar, "tokenEnvVar"),
    appName: optionalText(config.appName, "appName"),
    page: parsePageOptions(config.page),
    fetch: config.fetch,
    revokePrevious: config.revokePrevious ?? true,
    onEvent: config.onEvent,
    ui: config.ui ?? "auto",
  };
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

/**
 * Checks the options of the pages.
 *
 * @throws {ClerkCliAuthError} `config` when a colour could be anything else than one, or the URL is not allowed.
 */
export function parsePageOptions(options: PageOptions = {}): ResolvedPageOptions {
  if (typeof options !== "object" || options === null) {
    throw new ClerkCliAuthError("config", `'page' must be an object: got ${quoted(options)}`);
  }
  const { accentColor, backgroundColor, successUrl } = options;
  return {
    accent: parseColor(accentColor, "page.accentColor"),
    background: parseColor(backgroundColor, "page.backgroundColor"),
    successUrl: successUrl === undefined ? undefined : parseHttpsUrl(successUrl, "page.successUrl").href,
  };
}

function parseColor(color: PageColor | undefined, name: string): SchemeColors | undefined {
  if (color === undefined) return undefined;
  const { light, dark } = typeof color === "object" && color !== null ? color : { light: color, dark: color };
  return { light: parseHex(light, name), dark: parseHex(dark, name) };
}

/** Nothing but digits gets into the style sheet. */
function parseHex(value: unknown, name: string): string {
  if (typeof value === "string" && /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(value)) return value;
  throw new ClerkCliAuthError("config", `'${name}' must be a colour such as "#6c47ff": got ${quoted(value)}`);
}
