import type { ClerkAccess } from "../clerk/client.ts";
import { invalidToken } from "../failures.ts";
import type { JwtCredential } from "../token/credential.ts";
import { type TokenInfo, tokenInfoOfJwt } from "../token/token_info.ts";
import { authenticate } from "./authenticate.ts";
import { hasValidSignature, keyOfPem, SigningKeys, type VerificationKey } from "./signing_keys.ts";
import { UnseenKeys } from "./unseen_keys.ts";

/** What a {@linkcode JwtVerification} needs. */
export interface JwtVerificationOptions {
  /**
   * Whether we created the client. Then we know what it accepts, and accept that without it, several times as fast;
   * every rejection is the client's. A client of the caller's may check more than we know of, and is always asked.
   */
  isOwnClient: boolean;
  audience: readonly string[] | undefined;
  timeoutMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/** Verifies JWT access tokens (RFC 9068, section 4), with a signing key at hand if possible. */
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
  async verify(credential: JwtCredential, access: ClerkAccess): Promise<TokenInfo> {
    const { token, jwt } = credential;
    const { isOwnClient, audience } = this.#options;
    const key = await this.#keyOf(credential, access);
    // The client judges other algorithms.
    const isOurs = isOwnClient && key && jwt.header["alg"] === "RS256";
    if (isOurs && await hasValidSignature(token, key)) return tokenInfoOfJwt(jwt.claims);
    const { clerk, secrets } = access;
    const options = { jwtKey: key?.pem, audience, offline: key !== undefined, secrets };
    const verify = () => authenticate(clerk, credential, options);
    if (key) return verify();
    return this.#unseenKeys.guard(keyIdOf(credential), verify);
  }

  #keyOf(credential: JwtCredential, access: ClerkAccess): Promise<VerificationKey | undefined> {
    const { jwtKey } = access;
    if (jwtKey === undefined) return this.#publishedKey(credential, access);
    return this.#configuredKey ??= keyOfPem(jwtKey);
  }

  // `undefined` if the client hands out no keys, or the key has a form that the client would not accept.
  async #publishedKey(credential: JwtCredential, { clerk: { jwks }, secrets }: ClerkAccess) {
    if (!jwks) return undefined;
    this.#signingKeys ??= new SigningKeys(() => jwks.getJwks(), { ...this.#options, secrets });
    const { iat } = credential.jwt.claims;
    const found = await this.#signingKeys.find(
      keyIdOf(credential),
      typeof iat === "number" ? iat * 1000 : Infinity,
    );
    if (found.known) return found.key;
    throw invalidToken("The token is signed with a key that is not of this Clerk instance");
  }
}

function keyIdOf({ jwt }: JwtCredential): string {
  const { kid } = jwt.header;
  return typeof kid === "string" ? kid : "";
}
