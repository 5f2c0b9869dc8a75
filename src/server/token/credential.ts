import { type DecodedJwt, decodeJwt } from "../../core/jwt.ts";
import { invalidRequest, invalidToken, misconfigured, missingCredentials } from "../failures.ts";

const MAX_TOKEN_LENGTH = 16 * 1024;
const CREDENTIALS = /^bearer +([^ ]*)$/i;
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * The token in a request's `Authorization` header.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if there is no bearer credential; `invalid_request` if the
 * header is malformed or came twice.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 RFC 6750, section 2.1}
 */
export function bearerToken(request: Request): string {
  const header = request.headers.get("authorization");
  if (header === null) throw missingCredentials("The Authorization header is missing");
  if (!/^bearer(?:[\s,]|$)/i.test(header)) {
    throw missingCredentials("The Authorization header does not use the Bearer scheme");
  }
  const token = CREDENTIALS.exec(header)?.[1];
  if (token === undefined || !isTokenText(token)) {
    throw invalidRequest("The Authorization header is not one well-formed Bearer header");
  }
  return token;
}

/**
 * Checks the length and the alphabet of a token.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if they are wrong.
 */
export function assertTokenText(token: unknown): asserts token is string {
  if (typeof token !== "string" || !isTokenText(token)) throw invalidToken("The token is malformed");
  if (token.length > MAX_TOKEN_LENGTH) {
    throw invalidToken(`The token is longer than ${MAX_TOKEN_LENGTH} characters`);
  }
}

// The length comes first: text that is too long is not searched; `assertTokenText` refuses it.
function isTokenText(token: string): boolean {
  return token.length > MAX_TOKEN_LENGTH || B64TOKEN.test(token);
}

/** A token that only Clerk can read. */
export interface OpaqueCredential {
  token: string;
  type: TokenType;
  jwt?: undefined;
}

/** A token that is a JWT, decoded but not verified. */
export interface JwtCredential {
  token: string;
  type: "oauth_token";
  jwt: DecodedJwt;
}

/** A token whose kind is known from its form; nothing is verified. */
export type Credential = OpaqueCredential | JwtCredential;

const MAX_OPAQUE_LENGTH = 1024;
const OPAQUE = /^(ak|oat)_[A-Za-z0-9_~+/-]+=*$/;

/**
 * Tells the kind of a token from its form alone.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` for session tokens, M2M tokens and everything else, and for kinds that
 * are not accepted.
 */
export function classify(token: unknown, accepted: readonly TokenType[]): Credential {
  assertTokenText(token);
  const credential = credentialOf(token);
  assertAccepted(credential.type, accepted);
  return credential;
}

function credentialOf(token: string): Credential {
  const prefix = token.length <= MAX_OPAQUE_LENGTH ? OPAQUE.exec(token)?.[1] : undefined;
  if (prefix) return { token, type: prefix === "ak" ? "api_key" : "oauth_token" };
  const jwt = decodeAccessTokenJwt(token);
  if (jwt) return { token, type: "oauth_token", jwt };
  throw invalidToken("The token is neither an API key nor an OAuth access token: its type is not accepted");
}

/** The kinds of credential that a backend can accept from a CLI. */
export type TokenType = "api_key" | "oauth_token";

/** Which kinds an endpoint accepts: one, several, or both (`"any"`). Never a session token or an M2M token. */
export type AcceptsToken = TokenType | readonly TokenType[] | "any";

const TOKEN_TYPES: readonly TokenType[] = ["api_key", "oauth_token"];

/**
 * The kinds that an `accepts` option names.
 *
 * @throws {ClerkCliAuthError} `config` if it names none, or one that does not exist.
 */
export function acceptedTypes(accepts: AcceptsToken): readonly TokenType[] {
  if (accepts === "any") return TOKEN_TYPES;
  const types = typeof accepts === "string" ? [accepts] : accepts;
  if (Array.isArray(types) && types.length > 0 && types.every((type) => TOKEN_TYPES.includes(type))) {
    return types;
  }
  const got = JSON.stringify(accepts);
  throw misconfigured(
    `'accepts' must be "any", "api_key", "oauth_token" or a list of the latter two: got ${got}`,
  );
}

/**
 * Checks that an endpoint accepts a kind of credential.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if it does not.
 */
export function assertAccepted(type: TokenType, accepted: readonly TokenType[]): void {
  if (!accepted.includes(type)) throw invalidToken(`A token of the type ${type} is not accepted here`);
}

const TYPES = ["at+jwt", "application/at+jwt"];
const ALGORITHMS = ["RS256", "RS384", "RS512"];
const MAX_CLOCK_SKEW_MS = 5_000;

/**
 * Decodes a token whose `typ` says that it is a JWT access token (RFC 9068, section 2.1).
 *
 * @returns `undefined` for anything else, session tokens and machine tokens included.
 */
export function decodeAccessTokenJwt(token: string): DecodedJwt | undefined {
  const jwt = decodeJwt(token);
  if (!jwt) return undefined;
  const { typ } = jwt.header;
  const { sub } = jwt.claims;
  // The subject gives away a machine's JWT, whatever its type says: `@clerk/backend` does the same.
  const isMachine = typeof sub === "string" && sub.startsWith("mch_");
  return typeof typ === "string" && TYPES.includes(typ) && !isMachine ? jwt : undefined;
}

/**
 * Refuses a JWT that cannot be valid whatever its signature. This saves a call to Clerk; it does not replace verification.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if it has a fault.
 */
export function assertFaultless({ jwt }: Credential, now: number): void {
  const fault = jwt && faultOf(jwt, now);
  if (fault !== undefined) throw invalidToken(fault);
}

/**
 * Why a JWT access token cannot be valid whatever its signature, or `undefined` (RFC 9068, section 4; RFC 7515,
 * section 4.1.11; RFC 7519, section 4.1).
 */
export function faultOf(jwt: DecodedJwt, now: number): string | undefined {
  const { alg, crit } = jwt.header;
  const { exp, nbf, iat, sub, scope, scp } = jwt.claims;
  if (typeof alg !== "string" || !ALGORITHMS.includes(alg)) return "The token is not signed with RSA";
  if (crit !== undefined) return "The token relies on extensions that are not known here";
  if (typeof sub !== "string" || sub === "") return "The token has no subject";
  if (typeof exp !== "number") return "The token has no expiry";
  // Of whole seconds, as for `@clerk/backend`.
  if (Math.trunc(exp) * 1000 <= now - MAX_CLOCK_SKEW_MS) return "The token has expired";
  if (isLater(nbf, now)) return "The token is not valid yet";
  if (isLater(iat, now)) return "The token was issued in the future";
  // `@clerk/backend` fails on these.
  if (typeof (scope ?? "") !== "string" && (scp ?? null) === null) return "The token's scopes are malformed";
  return undefined;
}

function isLater(seconds: unknown, now: number): boolean {
  return seconds !== undefined && !(typeof seconds === "number" && seconds * 1000 <= now + MAX_CLOCK_SKEW_MS);
}
