import type { JsonObject } from "../../core/encoding.ts";
import { ClerkCliAuthError, type ErrorCode } from "../../core/errors.ts";
import { exchange, type HttpRequest, type Transport } from "../../core/http.ts";
import { type Identity, type IdentityQuestion, identityRequest, readIdentity } from "../../core/identity.ts";
import type { IssuerMetadata } from "../../core/issuer.ts";
import {
  METADATA_ENDPOINT,
  type MetadataExpectation,
  metadataRequest,
  parseMetadata,
  readMetadataAnswer,
} from "../../core/metadata_document.ts";
import {
  readRevocationResponse,
  type Revocation,
  REVOCATION_ENDPOINT,
  revocationRequest,
} from "../../core/revocation.ts";
import { readTokenResponse, TOKEN_ENDPOINT } from "../../core/token_endpoint.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";

/** What a call is carried out with. */
export interface CallOptions {
  transport: Transport;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** Asks an endpoint who a token belongs to. */
export async function askIdentity(question: IdentityQuestion, options: CallOptions): Promise<Identity> {
  const { step, endpointName } = question;
  const answer = await exchange(identityRequest(question), { ...options, step, endpointName });
  return readIdentity(answer, question);
}

/** The question to the userinfo endpoint, which not every issuer has. */
export function userinfoQuestion(endpoint: string | undefined, token: string): IdentityQuestion {
  const url = endpoint ?? missing("userinfo", "The userinfo endpoint");
  return { step: "userinfo", endpointName: "The userinfo endpoint", url, token };
}

/** The question to a backend's identity endpoint. */
export function backendQuestion(url: string, token: string): IdentityQuestion {
  return { step: "verify_api_key", endpointName: "The identity endpoint", url, token };
}

/** Revokes a token, at an endpoint that not every issuer has. */
export async function revoke(
  endpoint: string | undefined,
  revocation: Revocation,
  options: CallOptions,
): Promise<void> {
  const url = endpoint ?? missing("revoke", REVOCATION_ENDPOINT);
  const answer = await exchange(revocationRequest(url, revocation), {
    ...options,
    step: "revoke",
    endpointName: REVOCATION_ENDPOINT,
  });
  readRevocationResponse(answer, revocation.token);
}

function missing(step: ErrorCode, endpointName: string): never {
  throw new ClerkCliAuthError(step, `${endpointName} is missing in the issuer's metadata`);
}

/** Metadata that was fetched. */
interface FetchedMetadata {
  metadata: IssuerMetadata;
  /** What it was made of; `null` where the issuer has none. */
  document: JsonObject | null;
}

/**
 * Asks an issuer for its metadata.
 *
 * @throws {ClerkCliAuthError} `network` or `timeout` when it could not be asked, `config` when the answer will not do.
 */
export async function fetchMetadata(
  expected: MetadataExpectation,
  options: CallOptions,
): Promise<FetchedMetadata> {
  const answer = await exchange(metadataRequest(expected.issuer), {
    ...options,
    step: "network",
    endpointName: METADATA_ENDPOINT,
  });
  const document = readMetadataAnswer(answer);
  return { document, metadata: parseMetadata(document, expected) };
}

/** Sends a request to the token endpoint; `secrets` are what it sends in confidence. */
export async function requestTokens(
  { config, runtime, transport }: ClientContext,
  request: HttpRequest,
  { secrets, signal }: { secrets: readonly string[]; signal?: AbortSignal | undefined },
): Promise<TokenSet> {
  const sentAt = runtime.now();
  const answer = await exchange(request, {
    transport,
    step: "token_exchange",
    endpointName: TOKEN_ENDPOINT,
    timeoutMs: config.requestTimeoutMs,
    signal,
  });
  return readTokenResponse(answer, { sentAt, secrets });
}
