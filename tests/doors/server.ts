/**
 * The one way for tests into `src/server`: when its code moves, this file changes, and no test does.
 *
 * @module
 */
export { decodeAccessTokenJwt, faultOf } from "../../src/server/access_token_jwt.ts";
export { assertTokenText, bearerToken } from "../../src/server/bearer.ts";
export { BoundedMap } from "../../src/server/bounded_map.ts";
export type { ClerkClientLike } from "../../src/server/clerk_client.ts";
export {
  failureOfApiError,
  isClerkApiError,
  retryAfterMsOf,
  sayableCause,
} from "../../src/server/clerk_failure.ts";
export { confirmRejection } from "../../src/server/confirm_rejection.ts";
export { createCliAuth } from "../../src/server/create_cli_auth.ts";
export { classify, type Credential, type OpaqueCredential } from "../../src/server/credential.ts";
export { withDeadline } from "../../src/server/deadline.ts";
export {
  insufficientScope,
  invalidToken,
  isRejection,
  misconfigured,
  missingCredentials,
  NO_SUBJECT,
} from "../../src/server/failures.ts";
export { frozen } from "../../src/server/frozen.ts";
export { JwtVerification, type JwtVerificationOptions } from "../../src/server/jwt_verification.ts";
export { MissLimiter } from "../../src/server/miss_limiter.ts";
export { verifyByOwnClient } from "../../src/server/own_verification.ts";
export { verifyPlainly } from "../../src/server/plain_verification.ts";
export { type Host, readVariable, variableIn, variablesOf } from "../../src/server/platform/env.ts";
export { assertPolicy, clientIdsIn, policyOf } from "../../src/server/policy.ts";
export { RateLimitPause } from "../../src/server/rate_limit_pause.ts";
export { rejectionOf } from "../../src/server/rejection.ts";
export { SealedCache, type SealedCacheOptions } from "../../src/server/sealed_cache.ts";
export { shared } from "../../src/server/shared.ts";
export { SigningKeys } from "../../src/server/signing_keys.ts";
export { SingleFlight } from "../../src/server/single_flight.ts";
export { TokenBucket } from "../../src/server/token_bucket.ts";
export type { TokenCache } from "../../src/server/token_cache.ts";
export { UnavailableError } from "../../src/server/unavailable.ts";
export { UnseenKeys } from "../../src/server/unseen_keys.ts";
export {
  hasValidSignature,
  keyOfJwk,
  keyOfPem,
  type VerificationKey,
} from "../../src/server/verification_key.ts";
