import { encodeBase64Url } from "./base64url.ts";

/** The SHA-256 digest of a text, as base64url. */
export async function sha256(text: string): Promise<string> {
  return encodeBase64Url(await digest(text));
}

/** Whether a digest is that of a text. Where there is none, nothing is hashed: Web Crypto takes Node 3 ms to load. */
export async function isSha256Of(digest: string | null | undefined, text: string): Promise<boolean> {
  return typeof digest === "string" && digest === await sha256(text);
}

/** The SHA-256 digest of a text in plain base64, as a Content-Security-Policy wants it. */
export async function sha256Base64(text: string): Promise<string> {
  return btoa(String.fromCharCode(...await digest(text)));
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
