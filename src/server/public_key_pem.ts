const PEM_LINE = /.{1,64}/g;
const MODULUS_2048 = /^[A-Za-z0-9_-]{342}$/;

/**
 * Writes an RSA public key as PEM, the form in which `authenticateRequest` takes it.
 *
 * @returns `undefined` for a key that it could not read back: it knows 2048-bit keys with the exponent 65537.
 */
export async function publicKeyPem(jwk: JsonWebKey): Promise<string | undefined> {
  const { kty, n = "", e } = jwk;
  if (kty !== "RSA" || e !== "AQAB" || !MODULUS_2048.test(n)) return undefined;
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  try {
    const key = await crypto.subtle.importKey("jwk", { kty, n, e }, algorithm, true, ["verify"]);
    const der = new Uint8Array(await crypto.subtle.exportKey("spki", key));
    const lines = btoa(String.fromCharCode(...der)).match(PEM_LINE) ?? [];
    return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----"].join("\n");
  } catch {
    // A malformed key is left to the client, which will say what it makes of it.
    return undefined;
  }
}
