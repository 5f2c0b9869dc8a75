import { faultOf } from "./access_token_jwt.ts";
import { BoundedMap } from "./bounded_map.ts";
import type { Credential } from "./credential.ts";
import { withDeadline } from "./deadline.ts";
import { invalidToken, isRejection } from "./failures.ts";
import type { JwtVerification } from "./jwt_verification.ts";
import type { OpaqueVerification } from "./opaque_verification.ts";
import type { RememberedToken } from "./sealed_cache.ts";
import { SingleFlight } from "./single_flight.ts";
import type { TokenInfo } from "./token_info.ts";

/** What a {@linkcode Verifier} works with. */
export interface VerifierOptions {
  jwts: JwtVerification;
  opaque: OpaqueVerification;
  timeoutMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

const ACCEPTED_BYTES = 16 * 1024 * 1024;
const REJECTED_BYTES = 1024 * 1024;
const JWT_REMEMBERED_MS = 5 * 60_000;
const REJECTION_REMEMBERED_MS = 10_000;

/** Has credentials verified, and remembers the verdicts for as long as they hold. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #accepted: BoundedMap<TokenInfo>;
  readonly #rejected: BoundedMap<string>;
  readonly #flights: SingleFlight<TokenInfo>;

  constructor(options: VerifierOptions) {
    const { now, timeoutMs } = options;
    this.#options = options;
    this.#accepted = new BoundedMap({ maxBytes: ACCEPTED_BYTES, now });
    this.#rejected = new BoundedMap({ maxBytes: REJECTED_BYTES, now });
    this.#flights = new SingleFlight({ maxAgeMs: timeoutMs, now });
  }

  /** What is remembered of a token that was verified before. */
  recall(token: string): TokenInfo | undefined {
    return this.#accepted.get(token);
  }

  /**
   * Verifies a credential. Callers that bring the same one at the same time share one verification.
   *
   * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
   */
  async verify(credential: Credential): Promise<TokenInfo> {
    const { token, jwt } = credential;
    const { now, timeoutMs } = this.#options;
    const fault = (jwt && faultOf(jwt, now())) ?? this.#rejected.get(token);
    if (fault !== undefined) throw invalidToken(fault);
    return await withDeadline(this.#flights.run(token, () => this.#decide(credential)), timeoutMs);
  }

  async #decide(credential: Credential): Promise<TokenInfo> {
    const { token } = credential;
    try {
      const { info, expiresAt } = await this.#ask(credential);
      this.#accepted.set(token, info, { bytes: JSON.stringify(info).length, expiresAt });
      return info;
    } catch (error) {
      if (isRejection(error)) {
        const expiresAt = this.#options.now() + REJECTION_REMEMBERED_MS;
        this.#rejected.set(token, error.message, { bytes: error.message.length, expiresAt });
      }
      throw error;
    }
  }

  async #ask(credential: Credential): Promise<RememberedToken> {
    const { jwts, opaque, now } = this.#options;
    if (!credential.jwt) return await opaque.verify(credential);
    const info = await jwts.verify(credential);
    return { info, expiresAt: Math.min(info.expiresAt ?? Infinity, now() + JWT_REMEMBERED_MS) };
  }
}
