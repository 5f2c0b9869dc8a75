import { decodeBase64Url } from "../../core/encoding.ts";
import type { RememberedToken } from "../cache/sealed_cache.ts";
import type { ClerkAccess } from "../clerk/client.ts";
import { invalidToken, UNKNOWN_KEY } from "../failures.ts";
import { Breaker, type Clock } from "../limits/by_key.ts";
import type { JwtCredential } from "../token/credential.ts";
import { tokenInfoOfJwt } from "../token/verified_token.ts";
import type { VerifiedToken } from "../types.ts";
import { authenticate } from "./authenticate.ts";
import { type PublishedKey, RS256, SigningKeys, type VerificationKey } from "./signing_keys.ts";
import { UnseenKeys } from "./unseen_keys.ts";

export interface JwtVerificationOptions extends Clock {
  /**
   * Whether we created the client and know what it accepts, so that we can decide without it. A caller's
   * client may check more and is always asked.
   */
  isOwnClient: boolean;
  audience: readonly string[] | undefined;
  timeoutMs: number;
}

const REMEMBERED_MS = 5 * 60_000;

/** Verifies JWT access tokens (RFC 9068, section 4), locally if possible. */
export class JwtVerification {
  readonly #options: JwtVerificationOptions;
  readonly #unseenKeys: UnseenKeys<VerifiedToken>;
  readonly #breaker: Breaker;
  #signingKeys: SigningKeys | undefined;

  constructor(options: JwtVerificationOptions) {
    this.#options = options;
    this.#unseenKeys = new UnseenKeys(options);
    this.#breaker = new Breaker(options);
  }

  /**
   * Verifies a JWT whose claims have no fault.
   *
   * @returns The token, remembered for at most five minutes and as long as its key is known to be published.
   * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
   */
  async verify(credential: JwtCredential, access: ClerkAccess): Promise<RememberedToken> {
    const latest = this.#options.now() + REMEMBERED_MS;
    const published = await this.#publishedKey(credential, access);
    const info = await this.#verify(credential, access, published);
    const { freshUntil = Infinity } = published ?? {};
    return { info, expiresAt: Math.min(latest, freshUntil, info.expiresAt ?? Infinity) };
  }

  async #verify(
    credential: JwtCredential,
    { clerk, secrets }: ClerkAccess,
    published: PublishedKey | undefined,
  ): Promise<VerifiedToken> {
    const { isOwnClient, audience } = this.#options;
    const key = published?.key;
    if (isOwnClient && key) return await verifyByKey(credential, key);
    const ask = () => authenticate(clerk, credential, { jwtKey: key?.pem, audience, secrets });
    const verify = key ? ask : () => this.#breaker.run(credential.token, ask);
    return published ? await verify() : await this.#unseenKeys.guard(keyIdOf(credential), verify);
  }

  /** Returns the key that a JWT names; `undefined` if only the client can find it. */
  async #publishedKey(
    credential: JwtCredential,
    { key, clerk: { jwks }, secrets }: ClerkAccess,
  ): Promise<PublishedKey | undefined> {
    if (key) return { key, freshUntil: Infinity };
    if (!jwks) return undefined;
    this.#signingKeys ??= new SigningKeys(() => jwks.getJwks(), { ...this.#options, secrets });
    const { iat } = credential.jwt.claims;
    const issuedAt = typeof iat === "number" ? iat * 1000 : Infinity;
    const found = await this.#signingKeys.find(keyIdOf(credential), issuedAt);
    if (!found) throw invalidToken(UNKNOWN_KEY);
    return found;
  }
}

/** Decides as a client that we created would, several times as fast. */
async function verifyByKey({ token, jwt }: JwtCredential, key: VerificationKey): Promise<VerifiedToken> {
  const isGood = jwt.header["alg"] === "RS256" && await hasValidSignature(token, key);
  if (!isGood) throw invalidToken("The signature of the token is not valid");
  return tokenInfoOfJwt(jwt.claims);
}

function keyIdOf({ jwt }: JwtCredential): string {
  const { kid } = jwt.header;
  return typeof kid === "string" ? kid : "";
}

/**
 * Verifies the `RS256` signature of a JWT.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.2 RFC 7515, section 5.2}
 */
export async function hasValidSignature(jwt: string, { key }: VerificationKey): Promise<boolean> {
  const end = jwt.lastIndexOf(".");
  const signed = new TextEncoder().encode(jwt.slice(0, end));
  try {
    return await crypto.subtle.verify(RS256.name, key, decodeBase64Url(jwt.slice(end + 1)), signed);
  } catch {
    // The signature is not base64url.
    return false;
  }
}
