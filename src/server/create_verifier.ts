import type { CacheOptions } from "./cli_auth_types.ts";
import { JwtVerification, type JwtVerificationOptions } from "./jwt_verification.ts";
import { OpaqueVerification } from "./opaque_verification.ts";
import { SealedCache } from "./sealed_cache.ts";
import { Verifier } from "./verifier.ts";

/** What a verifier is made of. */
export interface CreateVerifierOptions extends JwtVerificationOptions {
  cache: CacheOptions | undefined;
  /** The Clerk secret key, from which the keys of a cache outside this process are derived. */
  secretKey: () => string;
}

/** A store that does not answer in this time is done without. */
const STORE_TIMEOUT_MS = 1_000;

/** Puts a verifier together. */
export function createVerifier(options: CreateVerifierOptions): Verifier {
  const { getClerk, isOwnClient, audience, secrets, cache, timeoutMs, now } = options;
  const sealed = cache?.store && new SealedCache({
    store: cache.store,
    secretKey: options.secretKey,
    // With another time to live, a revocation would take as long to show as someone else allows.
    context: JSON.stringify([audience ?? null, cache.ttlMs, isOwnClient]),
    onError: cache.onError ?? (() => {}),
    timeoutMs: Math.min(timeoutMs, STORE_TIMEOUT_MS),
    now,
  });
  const opaque = new OpaqueVerification({
    getClerk,
    isOwnClient,
    audience,
    ttlMs: cache?.ttlMs ?? 0,
    sealed,
    secrets,
    now,
  });
  return new Verifier({ jwts: new JwtVerification(options), opaque, timeoutMs, now });
}
