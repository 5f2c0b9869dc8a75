import { decodeBase64Url, encodeBase64Url } from "../../core/base64url.ts";

const ALGORITHM = "AES-GCM";
const NONCE_BYTES = 12;

/** Prepares a 256-bit key. */
export function importSealingKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, ALGORITHM, false, ["encrypt", "decrypt"]);
}

/**
 * Seals a text with AES-256-GCM under a fresh nonce.
 *
 * @param text The text.
 * @param key The key.
 * @param context What the text belongs to (the associated data): it is unsealed only for the same.
 * @returns The nonce and what is sealed, as base64url.
 */
export async function seal(text: string, key: CryptoKey, context: readonly unknown[]): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt(
      { name: ALGORITHM, iv, additionalData: encodeContext(context) },
      key,
      new TextEncoder().encode(text),
    ),
  );
  return `${encodeBase64Url(iv)}.${encodeBase64Url(sealed)}`;
}

/** Unseals a text; `undefined` when it was altered, or sealed with another key or for something else. */
export async function unseal(
  sealed: string,
  key: CryptoKey,
  context: readonly unknown[],
): Promise<string | undefined> {
  try {
    const [iv = "", text = ""] = sealed.split(".");
    const bytes = await crypto.subtle.decrypt(
      { name: ALGORITHM, iv: decodeBase64Url(iv), additionalData: encodeContext(context) },
      key,
      decodeBase64Url(text),
    );
    return new TextDecoder().decode(bytes);
  } catch {
    return undefined; // Web Crypto tells nothing more, and need not.
  }
}

function encodeContext(context: readonly unknown[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(context));
}
