/**
 * The one way for tests into `src/core`: when its code moves, this file changes, and no test does.
 *
 * @module
 */
export { isApiKey } from "../../src/core/api_key.ts";
export { authorizationUrl } from "../../src/core/authorization_url.ts";
export { decodeBase64Url, encodeBase64Url } from "../../src/core/base64url.ts";
export { type BearerChallenge, readBearerChallenge } from "../../src/core/bearer_challenge.ts";
export { readCallback } from "../../src/core/callback.ts";
export { cancelled } from "../../src/core/cancelled.ts";
export { checkTokenText } from "../../src/core/check_token_text.ts";
export { cleanCause } from "../../src/core/clean_cause.ts";
export { startDeadline } from "../../src/core/deadline.ts";
export { delay } from "../../src/core/delay.ts";
export {
  deviceAuthorizationRequest,
  deviceTokenRequest,
  readDeviceAuthorization,
} from "../../src/core/device_authorization.ts";
export {
  ClerkCliAuthError,
  type ClerkCliAuthErrorOptions,
  type ErrorCode,
  isClerkCliAuthError,
} from "../../src/core/errors.ts";
export { exchange, type ExchangeOptions, type HttpAnswer } from "../../src/core/http.ts";
export { checkIdToken } from "../../src/core/id_token.ts";
export type { Identity } from "../../src/core/identity.ts";
export { type IdentityQuestion, identityRequest, readIdentity } from "../../src/core/identity_request.ts";
export {
  clerkEndpoints,
  isLoopback,
  parseHttpsUrl,
  parseIssuer,
  trimTrailingSlashes,
} from "../../src/core/issuer.ts";
export { type JsonObject, parseJsonObject } from "../../src/core/json.ts";
export { decodeJwtClaims } from "../../src/core/jwt.ts";
export { clerkMetadata } from "../../src/core/metadata.ts";
export { metadataRequest, parseMetadata, readMetadataAnswer } from "../../src/core/metadata_document.ts";
export { isTemporary, readOAuthError, refusal } from "../../src/core/oauth_error.ts";
export { parsePastedResponse } from "../../src/core/pasted_response.ts";
export { createPkcePair } from "../../src/core/pkce.ts";
export { printable } from "../../src/core/printable.ts";
export { quoted } from "../../src/core/quoted.ts";
export { withoutSecrets, withoutTokens } from "../../src/core/redact.ts";
export { requestSecrets } from "../../src/core/request_secrets.ts";
export { readResourceMetadata, resourceMetadataRequest } from "../../src/core/resource_metadata.ts";
export { readRevocationResponse, revocationRequest } from "../../src/core/revocation.ts";
export { isSameText } from "../../src/core/same_text.ts";
export { isSha256Of, sha256, sha256Base64 } from "../../src/core/sha256.ts";
export {
  authorizationCodeRequest,
  readTokenResponse,
  refreshRequest,
} from "../../src/core/token_endpoint.ts";
export { tokenSecrets } from "../../src/core/token_secrets.ts";
export type { TokenSet } from "../../src/core/token_set.ts";
export {
  fetchTransport,
  type HttpRequest,
  type HttpResponse,
  type Transport,
} from "../../src/core/transport.ts";
export { usesColor } from "../../src/core/uses_color.ts";
export { wellKnownUrl } from "../../src/core/well_known.ts";
