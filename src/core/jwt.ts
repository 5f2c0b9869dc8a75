import { decodeBase64UrlText, type JsonObject, parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError } from "./errors.ts";
import { trimTrailingSlashes } from "./issuer.ts";

/** What an ID token must say. */
interface IdTokenExpectation {
  issuer: string;
  clientId: string;
  /** The nonce of the authorization request, if it had one. */
  nonce: string | undefined;
  /** Whether the ID token may lack it, as no standard says that a device grant returns it. */
  mayLackNonce?: boolean | undefined;
}

/**
 * Checks an ID token that came straight from the token endpoint, so that TLS vouches for its signature (OpenID Connect
 * Core 1.0, section 3.1.3.7, rules 2, 3, 4, 5, 6, 7, 9, 10 and 11).
 *
 * @returns its subject; `undefined` when it is not a JWT, and nothing in it is to be trusted.
 * @throws {ClerkCliAuthError} `token_exchange` when it was issued by or for someone else.
 */
export function checkIdToken(idToken: string, expected: IdTokenExpectation): string | undefined {
  const jwt = decodeJwt(idToken);
  if (!jwt) return undefined;
  const { header, claims } = jwt;
  // Only a client that has registered for it gets one without a signature (section 2).
  if (typeof header.alg !== "string" || header.alg === "none") throw mismatch("alg");
  const audience = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (typeof claims.iss !== "string" || trimTrailingSlashes(claims.iss) !== expected.issuer) {
    throw mismatch("iss");
  }
  if (!audience.includes(expected.clientId)) throw mismatch("aud");
  if ((audience.length > 1 || claims.azp !== undefined) && claims.azp !== expected.clientId) {
    throw mismatch("azp");
  }
  const mayLackNonce = expected.nonce === undefined || (expected.mayLackNonce && claims.nonce === undefined);
  if (!mayLackNonce && claims.nonce !== expected.nonce) throw mismatch("nonce");
  checkLifetime(claims);
  if (typeof claims.sub !== "string" || claims.sub === "") throw mismatch("sub");
  return claims.sub;
}

/** By the issuer's own clock, since it was issued just now: the one of this machine may be wrong. */
function checkLifetime({ iat, exp }: JsonObject): void {
  if (typeof iat !== "number") throw mismatch("iat");
  if (typeof exp !== "number" || exp <= iat) throw mismatch("exp");
}

function mismatch(claim: string): ClerkCliAuthError {
  return new ClerkCliAuthError(
    "token_exchange",
    `The ID token does not belong to this login: its '${claim}' is wrong`,
  );
}

/** A JWT, unverified (RFC 7519, section 3). */
export interface DecodedJwt {
  header: JsonObject;
  claims: JsonObject;
}

/** Decodes a JWT without verifying it; `undefined` if the token is not a JWT. */
export function decodeJwt(token: string): DecodedJwt | undefined {
  const parts = token.split(".", 4);
  if (parts.length !== 3) return undefined;
  try {
    const [header, claims] = parts.slice(0, 2).map((part) => parseJsonObject(decodeBase64UrlText(part)));
    return header && claims && { header, claims };
  } catch {
    return undefined;
  }
}

/** The claims of a JWT, unverified; `undefined` if the token is not a JWT. */
export function decodeJwtClaims(token: string): JsonObject | undefined {
  return decodeJwt(token)?.claims;
}
