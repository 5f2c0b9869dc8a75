import { decodeBase64UrlText, type JsonObject, parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError } from "./errors.ts";
import { trimTrailingSlashes } from "./issuer.ts";

/** What an ID token must contain. */
interface IdTokenExpectation {
  issuer: string;
  clientId: string;
  /** The nonce of the authorization request, if it had one. */
  nonce: string | undefined;
  /** Whether the ID token may omit the nonce: no standard requires it after a device grant. */
  mayLackNonce?: boolean | undefined;
}

/**
 * Checks an ID token (OpenID Connect Core 1.0, section 3.1.3.7, rules 2 to 7 and 9 to 11). It came straight
 * from the token endpoint, so TLS replaces the signature check.
 *
 * @returns The subject; `undefined` if it is not a JWT, so nothing in it can be trusted.
 * @throws {ClerkCliAuthError} `token_exchange` if it was issued by or for someone else.
 */
export function checkIdToken(idToken: string, expected: IdTokenExpectation): string | undefined {
  const jwt = decodeJwt(idToken);
  if (!jwt) return undefined;
  const { header, claims } = jwt;
  // Only clients that register for it get an unsigned ID token (section 2).
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

/** Compares the token's own times: it was issued just now, and the local clock may be wrong. */
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

/** A decoded, unverified JWT (RFC 7519, section 3). */
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

/** Decodes the claims of a JWT without verifying them; `undefined` if the token is not a JWT. */
export function decodeJwtClaims(token: string): JsonObject | undefined {
  return decodeJwt(token)?.claims;
}
