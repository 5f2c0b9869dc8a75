import { type JsonObject, parseJsonObject } from "../core/json.ts";

/** A JWT access token, decoded and not yet verified. */
export interface AccessTokenJwt {
  header: JsonObject;
  claims: JsonObject;
}

const TYPES = ["at+jwt", "application/at+jwt"];
const ALGORITHMS = ["RS256", "RS384", "RS512"];
const MAX_CLOCK_SKEW_MS = 5_000;
const BASE64URL = /^[A-Za-z0-9_-]+$/;
// deno-lint-ignore no-control-regex -- ASCII begins with the control characters
const ASCII = /^[\x00-\x7f]*$/;

/**
 * Decodes a token that is a JWT access token by its `typ` (RFC 9068, section 2.1).
 *
 * @returns `undefined` when it is anything else, a session token or a machine's token included.
 */
export function decodeAccessTokenJwt(token: string): AccessTokenJwt | undefined {
  const parts = token.split(".", 4);
  if (parts.length !== 3) return undefined;
  const [header, claims] = parts.slice(0, 2).map(decodePart);
  if (!header || !claims) return undefined;
  const { typ } = header;
  const { sub } = claims;
  // A machine's JWT is told by its subject, whatever its type says: `@clerk/backend` does the same.
  const isMachine = typeof sub === "string" && sub.startsWith("mch_");
  return typeof typ === "string" && TYPES.includes(typ) && !isMachine ? { header, claims } : undefined;
}

/**
 * Why a JWT access token cannot be valid whatever its signature, or `undefined` (RFC 9068, section 4; RFC 7515,
 * section 4.1.11; RFC 7519, section 4.1). It spares a call to Clerk, it does not replace the verification.
 */
export function faultOf(jwt: AccessTokenJwt, now: number): string | undefined {
  const { alg, crit } = jwt.header;
  const { exp, nbf, iat, sub } = jwt.claims;
  if (typeof alg !== "string" || !ALGORITHMS.includes(alg)) return "The token is not signed with RSA";
  if (crit !== undefined) return "The token relies on extensions that are not known here";
  if (typeof sub !== "string" || sub === "") return "The token has no subject";
  if (typeof exp !== "number") return "The token has no expiry";
  if (exp * 1000 <= now - MAX_CLOCK_SKEW_MS) return "The token has expired";
  if (isLater(nbf, now)) return "The token is not valid yet";
  if (isLater(iat, now)) return "The token was issued in the future";
  return undefined;
}

function isLater(seconds: unknown, now: number): boolean {
  return seconds !== undefined && !(typeof seconds === "number" && seconds * 1000 <= now + MAX_CLOCK_SKEW_MS);
}

function decodePart(part: string): JsonObject | undefined {
  if (!BASE64URL.test(part)) return undefined;
  try {
    const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    // Nearly always ASCII, which needs no detour over bytes: this runs for every token that comes.
    return parseJsonObject(ASCII.test(binary) ? binary : decodeUtf8(binary));
  } catch {
    return undefined;
  }
}

function decodeUtf8(binary: string): string {
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}
