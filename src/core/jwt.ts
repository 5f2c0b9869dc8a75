import { decodeBase64Url } from "./base64url.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";

/** A JWT, unverified (RFC 7519, section 3). */
export interface DecodedJwt {
  header: JsonObject;
  claims: JsonObject;
}

/** What a JWT says, unverified; `undefined` when the token is not a JWT. */
export function decodeJwt(token: string): DecodedJwt | undefined {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  try {
    const [header, claims] = parts.slice(0, 2).map((part) =>
      parseJsonObject(new TextDecoder().decode(decodeBase64Url(part)))
    );
    return header && claims && { header, claims };
  } catch {
    return undefined;
  }
}

/** The claims of a JWT, unverified; `undefined` when the token is not a JWT. */
export function decodeJwtClaims(token: string): JsonObject | undefined {
  return decodeJwt(token)?.claims;
}
