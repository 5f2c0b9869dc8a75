import { type RememberedToken, SealedCache } from "../cache/sealed_cache.ts";
import type { ClerkAccess } from "../clerk/client.ts";
import { invalidToken, isRejection, UNKNOWN_KEY } from "../failures.ts";
import { BoundedMap, SingleFlight, withDeadline } from "../limits/by_key.ts";
import type { Gate } from "../limits/gate.ts";
import type { Credential } from "../token/credential.ts";
import type { CacheOptions, TokenInfo } from "../types.ts";
import { JwtVerification, type JwtVerificationOptions } from "./jwt.ts";
import { OpaqueVerification } from "./opaque.ts";

/** What a verifier is built from. */
interface CreateVerifierOptions extends JwtVerificationOptions {
  getAccess: () => Promise<ClerkAccess>;
  cache: CacheOptions | undefined;
  /** The Clerk secret key, from which the keys of an external cache are derived. */
  secretKey: () => string;
  gate: () => Gate;
}

/** A store that takes longer is skipped. */
const STORE_TIMEOUT_MS = 1_000;

/** Builds a verifier. */
export function createVerifier(options: CreateVerifierOptions): Verifier {
  const { getAccess, isOwnClient, audience, cache, gate, timeoutMs, now } = options;
  const sealed = cache?.store && new SealedCache({
    store: cache.store,
    secretKey: options.secretKey,
    // Verifiers with different times to live must not share entries: a revocation would show later than one allows.
    context: JSON.stringify([audience ?? null, cache.ttlMs, isOwnClient]),
    onError: cache.onError ?? (() => {}),
    timeoutMs: Math.min(timeoutMs, STORE_TIMEOUT_MS),
    now,
  });
  const opaque = new OpaqueVerification({
    getAccess,
    isOwnClient,
    audience,
    ttlMs: cache?.ttlMs ?? 0,
    sealed,
    gate,
    now,
  });
  return new Verifier({ getAccess, jwts: new JwtVerification(options), opaque, timeoutMs, now });
}

/** What a {@linkcode Verifier} needs. */
interface VerifierOptions {
  getAccess: () => Promise<ClerkAccess>;
  jwts: JwtVerification;
  opaque: OpaqueVerification;
  timeoutMs: number;
  /** The clock, Unix time in milliseconds. */
  now: () => number;
}

const ACCEPTED_BYTES = 16 * 1024 * 1024;
const REJECTED_BYTES = 1024 * 1024;
const REJECTION_REMEMBERED_MS = 10_000;
/** The key may be published in a moment. */
const UNKNOWN_KEY_REMEMBERED_MS = 1_000;

/** Verifies credentials, and remembers the verdicts as long as they hold. */
class Verifier {
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

  /**
   * What is remembered about a token that was verified before.
   *
   * @throws {ClerkCliAuthError} `not_authenticated` if it was rejected a moment ago.
   */
  recall(token: string): TokenInfo | undefined {
    const info = this.#accepted.get(token);
    const fault = info ? undefined : this.#rejected.get(token);
    if (fault !== undefined) throw invalidToken(fault);
    return info;
  }

  /**
   * Verifies a credential. Callers with the same one at the same time share one verification.
   *
   * @param source Where the request came from, if that is known.
   * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
   */
  async verify(credential: Credential, source?: string): Promise<TokenInfo> {
    return await withDeadline(
      () => this.#flights.run(credential.token, () => this.#decide(credential, source)),
      this.#options.timeoutMs,
    );
  }

  async #decide(credential: Credential, source?: string): Promise<TokenInfo> {
    const { token } = credential;
    try {
      const { info, expiresAt } = await this.#ask(credential, source);
      this.#accepted.set(token, info, { bytes: JSON.stringify(info).length, expiresAt });
      return info;
    } catch (error) {
      if (isRejection(error)) {
        const isFinal = error.message !== UNKNOWN_KEY;
        const expiresAt = this.#options.now() +
          (isFinal ? REJECTION_REMEMBERED_MS : UNKNOWN_KEY_REMEMBERED_MS);
        this.#rejected.set(token, error.message, { bytes: error.message.length, expiresAt });
      }
      throw error;
    }
  }

  async #ask(credential: Credential, source?: string): Promise<RememberedToken> {
    const { getAccess, jwts, opaque } = this.#options;
    return credential.jwt
      ? await jwts.verify(credential, await getAccess())
      : await opaque.verify(credential, source);
  }
}
