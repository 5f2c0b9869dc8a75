/**
 * Everything that tests import from `src/server`: when code moves, only this file changes.
 *
 * @module
 */
export {
  assertTokenText,
  bearerToken,
  classify,
  type Credential,
  decodeAccessTokenJwt,
  faultOf,
  type OpaqueCredential,
} from "../../src/server/token/credential.ts";
export { BoundedMap, Breaker } from "../../src/server/limits/by_key.ts";
export type { ClerkAccess, ClerkClientLike } from "../../src/server/clerk/client.ts";
export {
  failureOfApiError,
  isClerkApiError,
  retryAfterMsOf,
  sayableCause,
} from "../../src/server/clerk/failures.ts";
export { explained, verifyByOwnClient } from "../../src/server/verify/opaque.ts";
export { createCliAuth } from "../../src/server/cli_auth.ts";
export { shared, SingleFlight, withDeadline } from "../../src/server/limits/by_key.ts";
export {
  insufficientScope,
  invalidToken,
  isRejection,
  misconfigured,
  missingCredentials,
  UnavailableError,
  UNKNOWN_KEY,
} from "../../src/server/failures.ts";
export { frozen } from "../../src/server/token/verified_token.ts";
export {
  hasValidSignature,
  JwtVerification,
  type JwtVerificationOptions,
} from "../../src/server/verify/jwt.ts";
export { Gate } from "../../src/server/limits/gate.ts";
export { type Host, readVariable, variableIn, variablesOf } from "../../src/server/env.ts";
export { assertPolicy, clientIdsIn, policyOf } from "../../src/server/token/verified_token.ts";
export { rejectionOf } from "../../src/server/verify/authenticate.ts";
export { SealedCache, type SealedCacheOptions } from "../../src/server/cache/sealed_cache.ts";
export {
  keyOfJwk,
  keyOfPem,
  SigningKeys,
  type VerificationKey,
} from "../../src/server/verify/signing_keys.ts";
export { TokenBucket } from "../../src/server/limits/limits.ts";
export { UnseenKeys } from "../../src/server/verify/unseen_keys.ts";
export type { TokenCache } from "../../src/server/types.ts";
