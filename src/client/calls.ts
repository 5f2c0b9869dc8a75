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

/** The question to the userinfo endpoint. */
export function userinfoQuestion(url: string, token: string): IdentityQuestion {
  return { step: "userinfo", endpointName: "The userinfo endpoint", url, token };
}

/** The question to a backend's identity endpoint. */
export function backendQuestion(url: string, token: string): IdentityQuestion {
  return { step: "verify_api_key", endpointName: "The identity endpoint", url, token };
}

/** Revokes a token. */
export async function revoke(endpoint: string, revocation: Revocation, options: CallOptions): Promise<void> {
  const answer = await exchange(revocationRequest(endpoint, revocation), {
    ...options,
    step: "revoke",
    endpointName: REVOCATION_ENDPOINT,
  });
  readRevocationResponse(answer, revocation.token);
}
