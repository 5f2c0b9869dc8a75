import { checkTokenText } from "./check_token_text.ts";
import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";
import type { HttpAnswer } from "./http.ts";
import type { Identity } from "./identity.ts";
import { parseJsonObject } from "./json.ts";
import { isTemporary, refusal } from "./oauth_error.ts";
import type { HttpRequest } from "./transport.ts";

/** Which endpoint is asked who a token belongs to, and with what. */
export interface IdentityQuestion {
  /** The error code of the step. */
  step: ErrorCode;
  /** The endpoint's name in messages. */
  endpointName: string;
  url: string;
  token: string;
}

/**
 * A GET with a bearer token (RFC 6750, section 2.1) that is answered with an identity.
 *
 * @throws {ClerkCliAuthError} the step's code when the token cannot stand in a header.
 */
export function identityRequest({ step, url, token }: IdentityQuestion): HttpRequest {
  checkTokenText(token, step);
  return {
    method: "GET",
    url,
    headers: { "accept": "application/json", "authorization": `Bearer ${token}` },
  };
}

/**
 * Reads an answer of the userinfo endpoint (OpenID Connect Core 1.0, section 5.3.2) or of a backend's identity
 * endpoint.
 *
 * @throws {ClerkCliAuthError} the step's code when the token was refused or the answer holds no `sub`.
 */
export function readIdentity(answer: HttpAnswer, { step, endpointName, token }: IdentityQuestion): Identity {
  const action = actionFor(answer.status, step);
  if (answer.status !== 200) throw refusal(answer, { step, endpointName, secrets: [token], action });
  const body = parseJsonObject(answer.text);
  if (typeof body?.sub !== "string" || body.sub === "") {
    throw new ClerkCliAuthError(step, `${endpointName} did not answer with an identity`, {
      status: answer.status,
      action,
    });
  }
  return body as Identity;
}

function actionFor(status: number, step: ErrorCode): string {
  const isBackend = step === "verify_api_key";
  if (isTemporary(status)) return `Try again later${isBackend ? "; the backend's log says more" : ""}`;
  const isRefused = status === 401 || status === 403;
  if (isBackend) {
    return isRefused
      ? "Check that the token is whole, still valid, and meant for this backend"
      : "Check the address of the identity endpoint";
  }
  return isRefused ? "Sign in again" : "Check the issuer's address";
}
