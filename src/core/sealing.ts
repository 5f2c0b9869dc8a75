import { decodeBase64Url, encodeBase64Url } from "./encoding.ts";

const ALGORITHM = "AES-GCM";
const NONCE_BYTES = 12;

/**
 * Seals a text with AES-256-GCM under a fresh nonce.
 *
 * @param context The associated data. Unsealing needs the same.
 * @returns The nonce and the ciphertext as base64url, separated by a dot.
 */
export async function seal(text: string, key: CryptoKey, context: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(parameters(iv, context), key, encode(text));
  return `${encodeBase64Url(iv)}.${encodeBase64Url(new Uint8Array(sealed))}`;
}

/** Unseals a text; `undefined` if it was altered, or sealed with another key or context. */
export async function unseal(sealed: string, key: CryptoKey, context: string): Promise<string | undefined> {
  try {
    const [iv = "", text = ""] = sealed.split(".");
    const bytes = await crypto.subtle.decrypt(
      parameters(decodeBase64Url(iv), context),
      key,
      decodeBase64Url(text),
    );
    return new TextDecoder().decode(bytes);
  } catch {
    return undefined; // Web Crypto does not say why.
  }
}

/** Prepares a 256-bit key for {@linkcode seal}. */
export function importSealingKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, ALGORITHM, false, ["encrypt", "decrypt"]);
}

function parameters(iv: Uint8Array<ArrayBuffer>, context: string): AesGcmParams {
  return { name: ALGORITHM, iv, additionalData: encode(context) };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
