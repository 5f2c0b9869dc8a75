import { decodeBase64Url } from "./base64url.ts";
import { type JsonObject, parseJsonObject } from "./json.ts";

/** The claims of a JWT, unverified; `undefined` when the token is not a JWT. */
export function decodeJwtClaims(token: string): JsonObject | undefined {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  try {
    const [header, claims] = parts.slice(0, 2).map((part) =>
      parseJsonObject(new TextDecoder().decode(decodeBase64Url(part)))
    );
    return header && claims;
  } catch {
    return undefined;
  }
}
