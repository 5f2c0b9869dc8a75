import { decodeBase64Url } from "../../core/encoding.ts";
import type { ClerkClientLike } from "../clerk/client.ts";
import { invalidToken } from "../failures.ts";
import type { JwtCredential } from "../token/credential.ts";
import { type TokenInfo, tokenInfo } from "../token/token_info.ts";
import { authenticate } from "./authenticate.ts";
import { RS256, SigningKeys, type VerificationKey } from "./signing_keys.ts";
import { UnseenKeys } from "./unseen_keys.ts";

/** What a {@linkcode JwtVerification} works with. */
export interface JwtVerificationOptions {
  getClerk: () => Promise<ClerkClientLike>;
  /**
   * Whether the client is one that we created. What it would accept is then known, and what it would accept is
   * accepted without it, several times as fast; every rejection is the client's own. A client of the caller's may
   * check what we do not know of: it is always asked.
   */
  isOwnClient: boolean;
  /** The instance's public key (PEM), where it is configured. */
  jwtKey: () => string | undefined;
  audience: readonly string[] | undefined;
  timeoutMs: number;
  /** What is sent to Clerk in confidence besides tokens. */
  secrets: () => readonly string[];
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/** Has JWT access tokens verified (RFC 9068, section 4), with the signing key at hand wherever that can be. */
export class JwtVerification {
  readonly #options: JwtVerificationOptions;
  readonly #unseenKeys: UnseenKeys<TokenInfo>;
  #configuredKey: Promise<VerificationKey | undefined> | undefined;
  #signingKeys: SigningKeys | undefined;

  constructor(options: JwtVerificationOptions) {
    this.#options = options;
    this.#unseenKeys = new UnseenKeys(options);
  }

  /**
   * Verifies a JWT whose claims have no fault.
   *
   * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
   */
  async verify(credential: JwtCredential): Promise<TokenInfo> {
    const { getClerk, isOwnClient, audience, secrets } = this.#options;
    const clerk = await getClerk();
    const key = await this.#keyOf(clerk, credential);
    if (isOwnClient && key && await isSignedWith(key, credential)) return infoOf(credential);
    const options = { jwtKey: key?.pem, audience, offline: key !== undefined, secrets: secrets() };
    const verify = () => authenticate(clerk, credential, options);
    if (key) return verify();
    return this.#unseenKeys.guard(keyIdOf(credential), verify);
  }

  #keyOf(clerk: ClerkClientLike, credential: JwtCredential): Promise<VerificationKey | undefined> {
    const pem = this.#options.jwtKey();
    if (pem === undefined) return this.#publishedKey(clerk, credential);
    return this.#configuredKey ??= keyOfPem(pem);
  }

  // Nothing when the client hands out no keys, or has one of a form that it does not take back.
  async #publishedKey({ jwks }: ClerkClientLike, credential: JwtCredential) {
    if (!jwks) return undefined;
    this.#signingKeys ??= new SigningKeys(() => jwks.getJwks(), this.#options);
    const { iat } = credential.jwt.claims;
    const found = await this.#signingKeys.find(
      keyIdOf(credential),
      typeof iat === "number" ? iat * 1000 : Infinity,
    );
    if (found.known) return found.key;
    throw invalidToken("The token is signed with a key that is not of this Clerk instance");
  }
}

// Only what is plainly good: another algorithm is for the client to judge.
async function isSignedWith(key: VerificationKey, { token, jwt }: JwtCredential): Promise<boolean> {
  return jwt.header["alg"] === "RS256" && await hasValidSignature(token, key);
}

/** What the client reads out of the claims (RFC 9068, section 2.2). */
function infoOf({ type, jwt: { claims } }: JwtCredential): TokenInfo {
  const { sub, scp, scope, jti, client_id, org_id, exp } = claims;
  const scopes = scp ?? (typeof scope === "string" ? scope.split(" ") : []);
  return tokenInfo(type, { subject: sub, scopes, id: jti, clientId: client_id, orgId: org_id, claims, exp });
}

function keyIdOf({ jwt }: JwtCredential): string {
  const { kid } = jwt.header;
  return typeof kid === "string" ? kid : "";
}

/** Reads a configured key; `undefined` when it is malformed, which the client will say. */
export async function keyOfPem(pem: string): Promise<VerificationKey | undefined> {
  try {
    const base64 = pem.replaceAll(/-----[^-]*-----|\s/g, "");
    const der = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return { key: await crypto.subtle.importKey("spki", der, RS256, false, ["verify"]), pem };
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
    return await crypto.subtle.verify(RS256.name, key, decodeBase64Url(jwt.slice(end + 1)), signed);
  } catch {
    // A signature that is no base64url.
    return false;
  }
}
