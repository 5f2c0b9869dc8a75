import type { JsonObject } from "../../core/encoding.ts";
import { ClerkCliAuthError, type ErrorCode, isClerkCliAuthError } from "../../core/errors.ts";
import { exchange, type HttpRequest, type Transport } from "../../core/http.ts";
import { type Identity, type IdentityQuestion, identityRequest, readIdentity } from "../../core/identity.ts";
import type { IssuerMetadata } from "../../core/issuer.ts";
import {
  isComplete,
  mergeDocuments,
  METADATA_ENDPOINT,
  type MetadataDocument,
  type MetadataExpectation,
  metadataRequest,
  parseMetadata,
  readMetadataResponse,
} from "../../core/metadata_document.ts";
import { delay } from "../../core/time.ts";
import {
  readRevocationResponse,
  readTokenResponse,
  type Revocation,
  REVOCATION_ENDPOINT,
  revocationRequest,
  TOKEN_ENDPOINT,
} from "../../core/token_endpoint.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";

export interface CallOptions {
  transport: Transport;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** Asks an endpoint who owns a token. */
export async function askIdentity(question: IdentityQuestion, options: CallOptions): Promise<Identity> {
  const { step, endpointName } = question;
  const response = await exchange(identityRequest(question), { ...options, step, endpointName });
  return readIdentity(response, question);
}

/** Describes a request to the userinfo endpoint. Not every issuer has one. */
export function userinfoQuestion(endpoint: string | undefined, token: string): IdentityQuestion {
  const url = endpoint ?? missing("userinfo", "The userinfo endpoint");
  return { step: "userinfo", endpointName: "The userinfo endpoint", url, token };
}

/** Describes a request to a backend's identity endpoint. */
export function backendQuestion(url: string, token: string): IdentityQuestion {
  return { step: "verify_api_key", endpointName: "The identity endpoint", url, token };
}

/** Revokes a token. Not every issuer has the endpoint. */
export async function revoke(
  endpoint: string | undefined,
  revocation: Revocation,
  options: CallOptions,
): Promise<void> {
  const url = endpoint ?? missing("revoke", REVOCATION_ENDPOINT);
  const response = await exchange(revocationRequest(url, revocation), {
    ...options,
    step: "revoke",
    endpointName: REVOCATION_ENDPOINT,
  });
  readRevocationResponse(response, revocation.token);
}

function missing(step: ErrorCode, endpointName: string): never {
  throw new ClerkCliAuthError(step, `${endpointName} is missing in the issuer's metadata`);
}

interface FetchedMetadata {
  metadata: IssuerMetadata;
  /** The document it came from; `null` if the issuer has none. */
  document: JsonObject | null;
}

/**
 * Fetches an issuer's metadata: the OpenID Connect document, and that of RFC 8414 if an endpoint is missing.
 *
 * @throws {ClerkCliAuthError} `network` or `timeout` if the issuer cannot be reached, `config` if the
 * metadata is invalid.
 */
export async function fetchMetadata(
  expected: MetadataExpectation,
  options: CallOptions,
): Promise<FetchedMetadata> {
  const { issuer } = expected;
  const openid = await fetchDocument(issuer, "openid-configuration", options);
  if (isComplete(openid)) return { document: openid, metadata: parseMetadata(openid, expected) };
  const oauth = await fetchDocument(issuer, "oauth-authorization-server", options).catch((error) => {
    const isUnreachable = isClerkCliAuthError(error) && ["network", "timeout"].includes(error.code);
    if (isUnreachable && openid?.token_endpoint !== undefined) return null; // This suffices for a login.
    throw error;
  });
  const document = mergeDocuments(openid, oauth);
  return { document, metadata: parseMetadata(document, expected) };
}

/** Fetches one of an issuer's documents; `null` if there is none. */
export async function fetchDocument(
  issuer: string,
  document: MetadataDocument,
  options: CallOptions,
): Promise<JsonObject | null> {
  const request = metadataRequest(issuer, document);
  const response = await exchange(request, { ...options, step: "network", endpointName: METADATA_ENDPOINT });
  return readMetadataResponse(response, issuer);
}

interface TokenRequestOptions {
  /** The secrets in the request. */
  secrets: readonly string[];
  signal?: AbortSignal | undefined;
}

/** The longest `Retry-After` that we wait for, in milliseconds. */
const MAX_RETRY_AFTER_MS = 10_000;

/** Sends a request to the token endpoint. Retries once after a 429 with a short `Retry-After`. */
export async function requestTokens(
  context: ClientContext,
  request: HttpRequest,
  options: TokenRequestOptions,
): Promise<TokenSet> {
  try {
    return await requestTokensOnce(context, request, options);
  } catch (error) {
    const waitMs = isClerkCliAuthError(error) && error.status === 429 ? error.retryAfterMs : undefined;
    if (waitMs === undefined || waitMs > MAX_RETRY_AFTER_MS) throw error;
    await delay(waitMs, options.signal);
    return await requestTokensOnce(context, request, options);
  }
}

export async function requestTokensOnce(
  { config, runtime, transport }: ClientContext,
  request: HttpRequest,
  { secrets, signal }: TokenRequestOptions,
): Promise<TokenSet> {
  const sentAt = runtime.now();
  const response = await exchange(request, {
    transport,
    step: "token_exchange",
    endpointName: TOKEN_ENDPOINT,
    timeoutMs: config.requestTimeoutMs,
    signal,
  });
  return readTokenResponse(response, { sentAt, secrets });
}
