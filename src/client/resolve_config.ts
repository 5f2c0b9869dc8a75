import type { ResponseMode } from "../core/authorization.ts";
import { ClerkCliAuthError } from "../core/errors.ts";
import { DEFAULT_SCOPES, parseHttpsUrl, parseIssuer } from "../core/issuer.ts";
import { quoted } from "../core/text.ts";
import { MAX_TIMER_MS } from "../core/time.ts";
import type { CredentialStore } from "../storage/store.ts";
import type {
  ClerkCliAuthConfig,
  PageColor,
  PageOptions,
  ResolvedConfig,
  ResolvedPageOptions,
  SchemeColors,
} from "./config.ts";

/** The shortest wait for a lock, in milliseconds. Noticing that its holder is dead takes much less. */
const LOCK_TIMEOUT_MS = 30_000;

/**
 * Checks a configuration and fills in the defaults.
 *
 * @throws {ClerkCliAuthError} `config` with the rule and the value that broke it.
 */
export function resolveConfig(config: ClerkCliAuthConfig): ResolvedConfig {
  if (typeof config !== "object" || config === null) {
    throw new ClerkCliAuthError("config", "A configuration object is required");
  }
  const requestTimeoutMs = parseDuration(config.requestTimeoutMs ?? 30_000, "requestTimeoutMs");
  return {
    clientId: requiredText(config.clientId, "clientId"),
    endpoints: parseEndpoints(config.endpoints ?? "clerk"),
    endpointOrigins: parseOrigins(config.endpointOrigins ?? [], "endpointOrigins"),
    responseMode: parseResponseMode(config.responseMode ?? "query", config.endpoints),
    scopes: parseScopes(config.scopes ?? DEFAULT_SCOPES),
    resource: config.resource === undefined ? undefined : parseResource(config.resource),
    storage: parseStorage(config.storage ?? "keychain"),
    keychainService: optionalText(config.keychainService, "keychainService"),
    keychainFallback: config.keychainFallback ?? "file",
    environment: optionalText(config.environment, "environment") ?? "default",
    profile: config.profile === undefined ? undefined : plainName(parseProfile(config.profile)),
    isProfilePinned: config.profile !== undefined,
    profileEnvVar: optionalText(config.profileEnvVar, "profileEnvVar"),
    profileFile: optionalText(config.profileFile, "profileFile"),
    callbackPorts: parsePorts(config.callbackPort ?? 0),
    loginTimeoutMs: parseDuration(config.loginTimeoutMs ?? 120_000, "loginTimeoutMs"),
    deviceTimeoutMs: config.loginTimeoutMs,
    requestTimeoutMs,
    lockTimeoutMs: Math.max(requestTimeoutMs, LOCK_TIMEOUT_MS),
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
    issuer: parseIssuer(config.issuer),
  };
}

type StorageSetting = "keychain" | "file" | "memory" | CredentialStore;
type EndpointsSetting = "clerk" | "discover";

/**
 * Checks scopes (RFC 6749, section 3.3).
 *
 * @throws {ClerkCliAuthError} `config` if one of them is not a scope token.
 */
export function parseScopes(scopes: readonly string[]): readonly string[] {
  if (!Array.isArray(scopes)) throw invalid(`'scopes' must be a list: got ${quoted(scopes)}`);
  for (const scope of scopes) {
    if (!isScope(scope)) throw invalid(`'scopes' must be a list of scope tokens: got ${quoted(scope)}`);
  }
  return scopes;
}

function isScope(scope: unknown): boolean {
  return typeof scope === "string" && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope);
}

/** Checks a resource indicator (RFC 8707, section 2). It stays as written: issuers compare it as text. */
function parseResource(resource: string): string {
  if (typeof resource === "string" && URL.canParse(resource) && !resource.includes("#")) return resource;
  throw invalid(`'resource' must be an absolute URI without a fragment: got ${quoted(resource)}`);
}

/** The name of the profile that is used by default. */
export const DEFAULT_PROFILE = "default";

/**
 * Checks the name of a profile.
 *
 * @throws {ClerkCliAuthError} `config` if it could be mistaken for a path.
 */
export function parseProfile(name: string, option = "'profile'"): string {
  if (typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
  throw invalid(`${option} must be 1 to 64 letters, digits, ".", "_" or "-": got ${quoted(name)}`);
}

/** Returns the name that a profile is stored under: none for the default profile. */
export function plainName(name: string): string | undefined {
  return name === DEFAULT_PROFILE ? undefined : name;
}

function parseStorage(storage: StorageSetting): StorageSetting {
  if (storage === "keychain" || storage === "file" || storage === "memory") return storage;
  const methods = ["get", "set", "delete"] as const;
  if (typeof storage === "object" && methods.every((method) => typeof storage[method] === "function")) {
    return storage;
  }
  throw invalid(
    `'storage' must be "keychain", "file", "memory" or a credential store: got ${quoted(storage)}`,
  );
}

function parseEndpoints(endpoints: EndpointsSetting): EndpointsSetting {
  if (endpoints === "clerk" || endpoints === "discover") return endpoints;
  throw invalid(`'endpoints' must be "clerk" or "discover": got ${quoted(endpoints)}`);
}

/** Checks the response mode. Only metadata tells whether the issuer supports `form_post`. */
function parseResponseMode(responseMode: ResponseMode, endpoints?: EndpointsSetting): ResponseMode {
  if (responseMode !== "query" && responseMode !== "form_post") {
    throw invalid(`'responseMode' must be "query" or "form_post": got ${quoted(responseMode)}`);
  }
  if (responseMode === "query" || endpoints === "discover") return responseMode;
  throw invalid(
    `'responseMode: "form_post"' needs 'endpoints: "discover"', to know whether the issuer supports it`,
  );
}

function originOf(url: string | undefined): readonly string[] {
  return url === undefined ? [] : [parseHttpsUrl(url, "identityEndpoint").origin];
}

/** Checks origins: https, or http on a loopback host. */
export function parseOrigins(origins: readonly string[], name: string): readonly string[] {
  if (!Array.isArray(origins)) throw invalid(`'${name}' must be a list: got ${quoted(origins)}`);
  return origins.map((origin) => {
    const url = parseHttpsUrl(origin, name);
    if (url.href === `${url.origin}/`) return url.origin;
    throw invalid(`'${name}' must contain origins without a path: got ${quoted(origin)}`);
  });
}

function parsePorts(ports: number | readonly number[]): readonly number[] {
  const list = typeof ports === "number" ? [ports] : ports;
  const isPort = (port: unknown) => Number.isInteger(port) && port as number >= 0 && port as number <= 65_535;
  if (Array.isArray(list) && list.length > 0 && list.every(isPort)) return list;
  throw invalid(`'callbackPort' must be between 0 and 65535, or a list of such ports: got ${quoted(ports)}`);
}

/** Checks a duration in milliseconds. Timers longer than 31 bits would fire immediately. */
export function parseDuration(durationMs: number, name: string): number {
  if (Number.isFinite(durationMs) && durationMs > 0) return Math.min(durationMs, MAX_TIMER_MS);
  throw invalid(`'${name}' must be a positive number of milliseconds: got ${quoted(durationMs)}`);
}

function requiredText(value: unknown, name: string): string {
  if (typeof value === "string" && value.trim()) return value;
  throw invalid(`'${name}' is required: got ${quoted(value)}`);
}

function optionalText(value: unknown, name: string): string | undefined {
  return value === undefined ? undefined : requiredText(value, name);
}

/**
 * Checks the page options.
 *
 * @throws {ClerkCliAuthError} `config` if a color or the URL is invalid.
 */
export function parsePageOptions(options: PageOptions = {}): ResolvedPageOptions {
  if (typeof options !== "object" || options === null) {
    throw invalid(`'page' must be an object: got ${quoted(options)}`);
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

/** Only hexadecimal digits may reach the style sheet. */
function parseHex(value: unknown, name: string): string {
  if (typeof value === "string" && /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(value)) return value;
  throw invalid(`'${name}' must be a color such as "#6c47ff": got ${quoted(value)}`);
}

function invalid(what: string): ClerkCliAuthError {
  return new ClerkCliAuthError("config", what);
}
