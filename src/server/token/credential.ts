import type { ClerkCliAuthError } from "../../core/errors.ts";
import { type DecodedJwt, decodeJwt } from "../../core/jwt.ts";
import { invalidRequest, invalidToken, misconfigured, missingCredentials } from "../failures.ts";
import type { AcceptsToken, NodeRequest, TokenKind } from "../types.ts";

const MAX_TOKEN_LENGTH = 16 * 1024;
const CREDENTIALS = /^bearer +([^ ]*)$/i;
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const AUTHORIZATION = /^authorization$/i;
const WELL_FORMED = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * Returns the token in a request's `Authorization` header.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if there is no bearer credential; `invalid_request` if the
 * header is malformed or repeated.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 RFC 6750, section 2.1}
 */
export function bearerToken(request: Request | NodeRequest): string {
  const header = isFetchRequest(request) ? request.headers.get("authorization") : authorizationOf(request);
  if (header === null) throw missingCredentials("The Authorization header is missing");
  // Check the length first, so that long text is not searched. `assertTokenText` rejects it.
  const isSearched = header.length <= "Bearer ".length + MAX_TOKEN_LENGTH;
  const token = (isSearched ? WELL_FORMED : CREDENTIALS).exec(header)?.[1];
  if (token !== undefined) return token;
  throw /^bearer(?:[\s,]|$)/i.test(header)
    ? malformed()
    : missingCredentials("The Authorization header does not use the Bearer scheme");
}

export function hasBearer(request: Request): boolean {
  return CREDENTIALS.test(request.headers.get("authorization") ?? "");
}

export function isFetchRequest(request: Request | NodeRequest): request is Request {
  return typeof (request.headers as Partial<Headers>).get === "function";
}

/** Node keeps the first of repeated headers; the others are only in the raw headers. */
function authorizationOf({ headers, rawHeaders = [] }: NodeRequest): string | null {
  const { authorization = null } = headers;
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (AUTHORIZATION.test(rawHeaders[index]!)) count++;
  }
  if (Array.isArray(authorization) || count > 1) throw malformed();
  return authorization;
}

function malformed(): ClerkCliAuthError {
  return invalidRequest("The Authorization header is not one well-formed Bearer header");
}

/** Checks the length and the characters of a token. Throws `not_authenticated` if they are invalid. */
export function assertTokenText(token: unknown): asserts token is string {
  if (typeof token !== "string") throw invalidToken("The token is malformed");
  if (token.length > MAX_TOKEN_LENGTH) {
    throw invalidToken(`The token is longer than ${MAX_TOKEN_LENGTH} characters`);
  }
  if (!B64TOKEN.test(token)) throw invalidToken("The token is malformed");
}

/** A token that only Clerk can read. Its kind is known from its form. */
export interface OpaqueCredential {
  token: string;
  type: TokenKind;
  jwt?: undefined;
}

/** A token that is a JWT, decoded but not verified. */
export type JwtCredential = { token: string; type: "oauth_token"; jwt: DecodedJwt };

export type Credential = OpaqueCredential | JwtCredential;

const MAX_OPAQUE_LENGTH = 1024;
const OPAQUE = /^(ak|oat)_[A-Za-z0-9_~+/-]+=*$/;

/** Determines the kind of a token from its form. Throws `not_authenticated`. */
export function classify(token: unknown, accepted: readonly TokenKind[]): Credential {
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

const TOKEN_TYPES: readonly TokenKind[] = ["api_key", "oauth_token"];

/** Lists the kinds in an `accepts` option. Throws `config` if it is empty or contains an unknown kind. */
export function acceptedTypes(accepts: AcceptsToken): readonly TokenKind[] {
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

/** Checks that an endpoint accepts a kind of credential. Throws `not_authenticated` if it does not. */
export function assertAccepted(type: TokenKind, accepted: readonly TokenKind[]): void {
  if (!accepted.includes(type)) throw invalidToken(`A token of the type ${type} is not accepted here`);
}

const TYPES = ["at+jwt", "application/at+jwt"];
const ALGORITHMS = ["RS256", "RS384", "RS512"];
const MAX_CLOCK_SKEW_MS = 5_000;

/**
 * Decodes a JWT whose `typ` is that of an access token (RFC 9068, section 2.1).
 *
 * @returns `undefined` for anything else, even session and machine tokens.
 */
export function decodeAccessTokenJwt(token: string): DecodedJwt | undefined {
  const jwt = decodeJwt(token);
  if (!jwt) return undefined;
  const { typ } = jwt.header;
  const { sub } = jwt.claims;
  // The subject reveals a machine's JWT, whatever its type. `@clerk/backend` checks the same.
  const isMachine = typeof sub === "string" && sub.startsWith("mch_");
  return typeof typ === "string" && TYPES.includes(typ) && !isMachine ? jwt : undefined;
}

/**
 * Returns why a JWT access token cannot be valid, whatever its signature; `undefined` if nothing is wrong
 * (RFC 9068, section 4; RFC 7515, section 4.1.11; RFC 7519, section 4.1). This saves a call to Clerk but does not
 * replace verification.
 */
export function faultOf(jwt: DecodedJwt, now: number): string | undefined {
  const { alg, crit } = jwt.header;
  const { exp, nbf, iat, sub, scope, scp } = jwt.claims;
  if (typeof alg !== "string" || !ALGORITHMS.includes(alg)) return "The token is not signed with RSA";
  if (crit !== undefined) return "The token relies on extensions that are not known here";
  if (typeof sub !== "string" || sub === "") return "The token has no subject";
  if (typeof exp !== "number") return "The token has no expiry";
  // Whole seconds, as in `@clerk/backend`.
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
