/** A JWT with these claims and a worthless signature. */
export function unsignedJwt(claims: Record<string, unknown>, header: Record<string, unknown> = {}): string {
  return [{ alg: "RS256", typ: "JWT", ...header }, claims].map(encode).join(".") + ".c2lnbmF0dXJl";
}

function encode(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
