import { ClerkCliAuthError, type ErrorCode } from "../core/errors.ts";
import { exchange } from "../core/http.ts";
import type { Identity } from "../core/identity.ts";
import { type IdentityQuestion, identityRequest, readIdentity } from "../core/identity_request.ts";
import {
  readRevocationResponse,
  type Revocation,
  REVOCATION_ENDPOINT,
  revocationRequest,
} from "../core/revocation.ts";
import type { Transport } from "../core/transport.ts";

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
