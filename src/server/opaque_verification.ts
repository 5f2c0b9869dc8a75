import { authenticate } from "./authenticate.ts";
import type { ClerkClientLike } from "./clerk_client.ts";
import { confirmRejection } from "./confirm_rejection.ts";
import type { OpaqueCredential } from "./credential.ts";
import { MissLimiter } from "./miss_limiter.ts";
import { verifyByOwnClient } from "./own_verification.ts";
import { RateLimitPause } from "./rate_limit_pause.ts";
import type { RememberedToken, SealedCache } from "./sealed_cache.ts";
import type { TokenInfo } from "./token_info.ts";

/** What an {@linkcode OpaqueVerification} works with. */
export interface OpaqueVerificationOptions {
  getClerk: () => Promise<ClerkClientLike>;
  /** Whether the client is one that we created; a client of the caller's is asked by `authenticateRequest` alone. */
  isOwnClient: boolean;
  audience: readonly string[] | undefined;
  /** For how long a verified token may be remembered, in milliseconds; 0 for not at all. */
  ttlMs: number;
  /** What is remembered outside this process. */
  sealed: SealedCache | undefined;
  /** What is sent to Clerk in confidence besides tokens. */
  secrets: () => readonly string[];
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

/** Has API keys and opaque access tokens verified: each time by Clerk, but for what was remembered. */
export class OpaqueVerification {
  readonly #options: OpaqueVerificationOptions;
  readonly #limiter: MissLimiter;
  readonly #pause: RateLimitPause;

  constructor(options: OpaqueVerificationOptions) {
    this.#options = options;
    this.#limiter = new MissLimiter(options.now);
    this.#pause = new RateLimitPause(options.now);
  }

  /**
   * Verifies an opaque token.
   *
   * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
   */
  async verify(credential: OpaqueCredential): Promise<RememberedToken> {
    const { sealed, now, ttlMs } = this.#options;
    const remembered = await sealed?.get(credential.token);
    if (remembered) return remembered;
    // Counted from before Clerk was asked: a revocation shows no later than `ttlMs` after it.
    const expiresAt = now() + ttlMs;
    const info = await this.#limiter.guard(credential.token, () => this.#ask(credential));
    await sealed?.set(credential.token, { info, expiresAt });
    return { info, expiresAt };
  }

  async #ask(credential: OpaqueCredential): Promise<TokenInfo> {
    const { getClerk, isOwnClient } = this.#options;
    this.#pause.assertOver();
    const clerk = await getClerk();
    return isOwnClient ? await this.#askOwn(clerk, credential) : await this.#askCallers(clerk, credential);
  }

  async #askOwn(clerk: ClerkClientLike, credential: OpaqueCredential): Promise<TokenInfo> {
    const { audience, secrets } = this.#options;
    try {
      return await verifyByOwnClient(clerk, credential, { audience, secrets: secrets() });
    } catch (error) {
      throw this.#pause.begin(error);
    }
  }

  async #askCallers(clerk: ClerkClientLike, credential: OpaqueCredential): Promise<TokenInfo> {
    const { audience, secrets } = this.#options;
    try {
      return await authenticate(clerk, credential, { audience, secrets: secrets(), offline: false });
    } catch (error) {
      const confirmed = await confirmRejection(error, clerk, credential);
      throw await this.#pause.beginFor(confirmed, clerk, credential);
    }
  }
}
