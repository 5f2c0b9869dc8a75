import { randomToken } from "./random.ts";
import { sha256 } from "./sha256.ts";

/** A PKCE pair (RFC 7636). */
export interface PkcePair {
  codeVerifier: string;
  codeChallenge: string;
}

/** Creates a code verifier of 32 random bytes and its S256 code challenge (RFC 7636, sections 4.1 and 4.2). */
export async function createPkcePair(): Promise<PkcePair> {
  const codeVerifier = randomToken();
  return { codeVerifier, codeChallenge: await sha256(codeVerifier) };
}
