import { decodeBase64Url } from "../core/base64url.ts";

/** A public key to verify JWTs with: as it is used here, and as it is handed to `authenticateRequest`. */
export interface VerificationKey {
  key: CryptoKey;
  pem: string;
}

/** RSASSA-PKCS1-v1_5 with SHA-256: `RS256` (RFC 7518, section 3.3). */
const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const MODULUS_2048 = /^[A-Za-z0-9_-]{342}$/;
const PEM_LINE = /.{1,64}/g;

/**
 * Reads a published key.
 *
 * @returns `undefined` for a key that `@clerk/backend` could not read as PEM: it knows 2048-bit RSA keys with the
 * exponent 65537.
 */
export async function keyOfJwk(jwk: JsonWebKey): Promise<VerificationKey | undefined> {
  const { kty, n = "", e } = jwk;
  if (kty !== "RSA" || e !== "AQAB" || !MODULUS_2048.test(n)) return undefined;
  try {
    const key = await crypto.subtle.importKey("jwk", { kty, n, e }, ALGORITHM, true, ["verify"]);
    return { key, pem: pemOf(new Uint8Array(await crypto.subtle.exportKey("spki", key))) };
  } catch {
    // A malformed key is left to the client, which will say what it makes of it.
    return undefined;
  }
}

/** Reads a configured key; `undefined` when it is malformed, which the client will say. */
export async function keyOfPem(pem: string): Promise<VerificationKey | undefined> {
  try {
    const base64 = pem.replaceAll(/-----[^-]*-----|\s/g, "");
    const der = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return { key: await crypto.subtle.importKey("spki", der, ALGORITHM, false, ["verify"]), pem };
  } catch {
    return undefined;
  }
}

/**
 * Verifies the signature of a JWT that names `RS256`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.2 RFC 7515, section 5.2}
 */
export async function hasValidSignature(jwt: string, { key }: VerificationKey): Promise<boolean> {
  const end = jwt.lastIndexOf(".");
  const signed = new TextEncoder().encode(jwt.slice(0, end));
  try {
    return await crypto.subtle.verify(ALGORITHM.name, key, decodeBase64Url(jwt.slice(end + 1)), signed);
  } catch {
    // A signature that is no base64url.
    return false;
  }
}

function pemOf(der: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...der)).match(PEM_LINE) ?? [];
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----"].join("\n");
}
