import { decodeBase64Url, encodeBase64Url } from "../../core/base64url.ts";
import { importSealingKey } from "./seal.ts";

/** A key that records are sealed with. */
export interface SealingKey {
  /** What names the key without telling it: the beginning of its digest, in hexadecimal digits. */
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly crypto: CryptoKey;
}

const VERSION = "v1";
const KEY_BYTES = 32;

/** Makes a random 256-bit key. */
export async function createSealingKey(): Promise<SealingKey> {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return { id: await keyId(bytes), bytes, crypto: await importSealingKey(bytes) };
}

/** The text of the keychain item that holds a key: version, id and key, with dots in between. */
export function formatItem({ id, bytes }: SealingKey): string {
  return `${VERSION}.${id}.${encodeBase64Url(bytes)}`;
}

/** Reads the text of a keychain item; `undefined` when it holds something else. */
export async function parseItem(text: string): Promise<SealingKey | undefined> {
  const [version, id = "", encoded = ""] = text.split(".");
  if (version !== VERSION || !/^[0-9a-f]{16}$/.test(id) || !/^[\w-]{43}$/.test(encoded)) return undefined;
  const bytes = decodeBase64Url(encoded);
  return { id, bytes, crypto: await importSealingKey(bytes) };
}

/** Whether a key is the one that its id names. */
export async function isGenuine({ id, bytes }: SealingKey): Promise<boolean> {
  return await keyId(bytes) === id;
}

async function keyId(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
