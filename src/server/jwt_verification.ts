import { authenticate } from "./authenticate.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import type { JwtCredential } from "./credential.ts";
import { invalidToken } from "./failures.ts";
import { SigningKeys } from "./signing_keys.ts";
import type { TokenInfo } from "./token_info.ts";
import { UnseenKeys } from "./unseen_keys.ts";

/** What a {@linkcode JwtVerification} works with. */
export interface JwtVerificationOptions {
  getClerk: () => Promise<ClerkClientLike>;
  /** The instance's public key (PEM), where it is configured. */
  jwtKey: () => string | undefined;
  audience: readonly string[] | undefined;
  timeoutMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/** Has JWT access tokens verified (RFC 9068, section 4), with the signing key at hand wherever that can be. */
export class JwtVerification {
  readonly #options: JwtVerificationOptions;
  readonly #unseenKeys: UnseenKeys<TokenInfo>;
  #signingKeys: SigningKeys | undefined;

  constructor(options: JwtVerificationOptions) {
    this.#options = options;
    this.#unseenKeys = new UnseenKeys(options);
  }

  /**
   * Verifies a JWT.
   *
   * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
   */
  async verify(credential: JwtCredential): Promise<TokenInfo> {
    const { getClerk, jwtKey, audience } = this.#options;
    const clerk = await getClerk();
    const pem = jwtKey() ?? await this.#publishedKey(clerk, credential);
    if (pem !== undefined) return authenticate(clerk, credential, { jwtKey: pem, audience, offline: true });
    const verify = () => authenticate(clerk, credential, { audience, offline: false });
    return this.#unseenKeys.guard(keyIdOf(credential), verify);
  }

  // Nothing when the client hands out no keys, or has one of a form that it does not take back.
  async #publishedKey({ jwks }: ClerkClientLike, credential: JwtCredential): Promise<string | undefined> {
    if (!jwks) return undefined;
    this.#signingKeys ??= new SigningKeys(() => jwks.getJwks(), this.#options);
    const { iat } = credential.jwt.claims;
    const key = await this.#signingKeys.find(
      keyIdOf(credential),
      typeof iat === "number" ? iat * 1000 : Infinity,
    );
    if (key.known) return key.pem;
    throw invalidToken("The token is signed with a key that is not of this Clerk instance");
  }
}

function keyIdOf({ jwt }: JwtCredential): string {
  const { kid } = jwt.header;
  return typeof kid === "string" ? kid : "";
}
