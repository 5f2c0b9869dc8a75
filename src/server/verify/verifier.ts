import { SealedCache } from "../cache/sealed_cache.ts";
import type { Awaitable } from "../../core/time.ts";
import { invalidToken, isRejection, UNKNOWN_KEY } from "../failures.ts";
import { BoundedMap, SingleFlight, withDeadline } from "../limits/by_key.ts";
import { acceptedTypes, assertAccepted, classify, faultOf } from "../token/credential.ts";
import { assertPolicy, type Policy } from "../token/verified_token.ts";
import type { CacheOptions, VerifiedToken, VerifyOptions } from "../types.ts";
import { JwtVerification } from "./jwt.ts";
import { type OpaqueVerificationOptions, verifyOpaque } from "./opaque.ts";

interface VerifierOptions extends Omit<OpaqueVerificationOptions, "ttlMs" | "sealed" | "source"> {
  /** What access tokens must satisfy. Read before Clerk is called. */
  policy: () => Policy;
  /** Whether opaque tokens and API keys are rejected. */
  jwtOnly: boolean;
  cache: CacheOptions | undefined;
  /** The Clerk secret key, from which the keys of an external cache are derived. */
  secretKey: () => string;
}

/** How long to wait for the store, in milliseconds. */
const STORE_TIMEOUT_MS = 1_000;
const ACCEPTED_BYTES = 16 * 1024 * 1024;
const REJECTED_BYTES = 1024 * 1024;
const REJECTION_REMEMBERED_MS = 10_000;
/** The key may be published soon. */
const UNKNOWN_KEY_REMEMBERED_MS = 1_000;

interface AcceptedToken {
  token: string;
  info: VerifiedToken;
}

/** Returns the end of a token, of a JWT a part of the signature. To hash all of it would take 1 µs. */
function endOf(token: unknown): string {
  return typeof token === "string" ? token.slice(-64) : "";
}

/** Verifies tokens and remembers the results as long as they hold. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #jwts: JwtVerification;
  readonly #sealed: SealedCache | undefined;
  readonly #accepted: BoundedMap<AcceptedToken>;
  readonly #rejected: BoundedMap<string>;
  readonly #flights: SingleFlight<VerifiedToken>;

  constructor(options: VerifierOptions) {
    const { isOwnClient, audience, cache, timeoutMs, now } = options;
    this.#options = options;
    this.#jwts = new JwtVerification(options);
    this.#sealed = cache?.store && new SealedCache({
      store: cache.store,
      secretKey: options.secretKey,
      // Verifiers with a different `ttlMs` must not share entries: a revocation would show too late for one.
      context: JSON.stringify([audience ?? null, cache.ttlMs, isOwnClient]),
      onError: cache.onError ?? (() => {}),
      timeoutMs: Math.min(timeoutMs, STORE_TIMEOUT_MS),
      now,
    });
    this.#accepted = new BoundedMap({ maxBytes: ACCEPTED_BYTES, now });
    this.#rejected = new BoundedMap({ maxBytes: REJECTED_BYTES, now });
    this.#flights = new SingleFlight({ maxAgeMs: timeoutMs, now });
  }

  /**
   * Returns what is known about a token, verifying it unless remembered. Concurrent callers with the same
   * token share a verification.
   *
   * @throws {ClerkCliAuthError} `not_authenticated`, `unavailable` or `config`.
   */
  verify(token: string, { accepts = "any", source }: VerifyOptions): Awaitable<VerifiedToken> {
    const known = this.#accepted.get(endOf(token));
    if (known && known.token === token) {
      assertAccepted(known.info.type, acceptedTypes(accepts));
      return known.info;
    }
    const rejection = this.#rejected.get(token);
    if (rejection !== undefined) throw invalidToken(rejection);
    const credential = classify(token, acceptedTypes(accepts));
    const { getAccess, policy, jwtOnly, cache, timeoutMs, now } = this.#options;
    const { type, jwt } = credential;
    if (!jwt && jwtOnly) throw invalidToken(`Only JWT access tokens are accepted here, no opaque ${type}`);
    const fault = jwt && faultOf(jwt, now());
    if (fault !== undefined) throw invalidToken(fault);
    const applied = type === "oauth_token" ? policy() : undefined;
    const from = jwt ? undefined : typeof source === "function" ? source() : source;
    return withDeadline(() =>
      this.#flights.run(token, async () => {
        try {
          const { info, expiresAt } = jwt
            ? await this.#jwts.verify(credential, await getAccess())
            : await verifyOpaque(credential, {
              ...this.#options,
              sealed: this.#sealed,
              ttlMs: cache?.ttlMs ?? 0,
              source: from,
            });
          if (applied) assertPolicy(info, applied);
          const bytes = token.length + JSON.stringify(info).length;
          this.#accepted.set(endOf(token), { token, info }, { bytes, expiresAt });
          return info;
        } catch (error) {
          if (isRejection(error)) this.#reject(token, error);
          throw error;
        }
      }), timeoutMs);
  }

  #reject(token: string, { message }: Error): void {
    const rememberedMs = message === UNKNOWN_KEY ? UNKNOWN_KEY_REMEMBERED_MS : REJECTION_REMEMBERED_MS;
    const expiresAt = this.#options.now() + rememberedMs;
    this.#rejected.set(token, message, { bytes: message.length, expiresAt });
  }
}
