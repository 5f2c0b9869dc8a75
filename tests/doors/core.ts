/**
 * Everything that tests import from `src/core`: when code moves, only this file changes.
 *
 * @module
 */
export { checkTokenText, isApiKey, type TokenSet } from "../../src/core/tokens.ts";
export {
  authorizationUrl,
  createPkcePair,
  parsePastedResponse,
  readCallback,
} from "../../src/core/authorization.ts";
export {
  decodeBase64Url,
  encodeBase64Url,
  isSameText,
  isSha256Of,
  type JsonObject,
  parseJsonObject,
  sha256,
} from "../../src/core/encoding.ts";
export {
  cancelled,
  ClerkCliAuthError,
  type ClerkCliAuthErrorOptions,
  type ErrorCode,
  isClerkCliAuthError,
} from "../../src/core/errors.ts";
export { cleanCause, tokenSecrets, withoutSecrets, withoutTokens } from "../../src/core/redact.ts";
export { delay, startDeadline } from "../../src/core/time.ts";
export {
  deviceAuthorizationRequest,
  deviceTokenRequest,
  readDeviceAuthorization,
} from "../../src/core/device_authorization.ts";
export {
  exchange,
  type ExchangeOptions,
  fetchTransport,
  type HttpRequest,
  type HttpResponse,
  requestSecrets,
  type TextResponse,
  type Transport,
} from "../../src/core/http.ts";
export { checkIdToken, decodeJwtClaims } from "../../src/core/jwt.ts";
export {
  type Identity,
  type IdentityQuestion,
  identityRequest,
  readIdentity,
} from "../../src/core/identity.ts";
export {
  clerkEndpoints,
  clerkMetadata,
  isLoopback,
  parseHttpsUrl,
  parseIssuer,
  trimTrailingSlashes,
  wellKnownUrl,
} from "../../src/core/issuer.ts";
export { metadataRequest, parseMetadata, readMetadataResponse } from "../../src/core/metadata_document.ts";
export { isTemporary, readOAuthError, refusal } from "../../src/core/oauth_error.ts";
export { printable, quoted, usesColor } from "../../src/core/text.ts";
export { readResourceMetadata, resourceMetadataRequest } from "../../src/core/resource_metadata.ts";
export {
  authorizationCodeRequest,
  readRevocationResponse,
  readTokenResponse,
  refreshRequest,
  revocationRequest,
} from "../../src/core/token_endpoint.ts";
export { type BearerChallenge, readBearerChallenge } from "../../src/client/fetch/authorized_fetch.ts";
