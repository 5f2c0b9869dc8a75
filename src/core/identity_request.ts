import { checkTokenText } from "./check_token_text.ts";
import { ClerkCliAuthError, type ErrorCode } from "./errors.ts";
import type { HttpAnswer } from "./http.ts";
import type { Identity } from "./identity.ts";
import { parseJsonObject } from "./json.ts";
import { refusal } from "./oauth_error.ts";
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
  if (answer.status !== 200) throw refusal(answer, { step, endpointName, secrets: [token] });
  const body = parseJsonObject(answer.text);
  if (typeof body?.sub !== "string" || body.sub === "") {
    throw new ClerkCliAuthError(step, `${endpointName} did not answer with an identity`, {
      status: answer.status,
    });
  }
  return body as Identity;
}
