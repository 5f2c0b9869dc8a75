import { type JsonObject, parseJsonObject } from "./encoding.ts";
import { ClerkCliAuthError } from "./errors.ts";
import { formRequest, type HttpRequest, type TextResponse } from "./http.ts";
import { decodeJwtClaims } from "./jwt.ts";
import { refusal } from "./oauth_error.ts";
import { isTokenText, type TokenSet } from "./tokens.ts";

/** The name of the token endpoint in messages. */
export const TOKEN_ENDPOINT = "The token endpoint";

/** The parameters of an authorization code grant. */
interface AuthorizationCodeGrant {
  clientId: string;
  code: string;
  codeVerifier: string;
  /** The redirect URI of the authorization request, byte for byte. */
  redirectUri: string;
  /** The resource the token is for (RFC 8707, section 2.2). */
  resource?: string | undefined;
}

/** Builds the request that exchanges an authorization code (RFC 6749, section 4.1.3; RFC 7636, section 4.5). */
export function authorizationCodeRequest(endpoint: string, grant: AuthorizationCodeGrant): HttpRequest {
  return formRequest(endpoint, {
    grant_type: "authorization_code",
    client_id: grant.clientId,
    code: grant.code,
    code_verifier: grant.codeVerifier,
    redirect_uri: grant.redirectUri,
    ...(grant.resource && { resource: grant.resource }),
  });
}

/** The parameters of a refresh token grant. */
interface RefreshGrant {
  clientId: string;
  refreshToken: string;
  /** The resource the token is for, as originally granted (RFC 8707, section 2.2). */
  resource?: string | undefined;
}

/** Builds the request that uses a refresh token (RFC 6749, section 6). Without `scope` it keeps all scopes. */
export function refreshRequest(endpoint: string, grant: RefreshGrant): HttpRequest {
  return formRequest(endpoint, {
    grant_type: "refresh_token",
    client_id: grant.clientId,
    refresh_token: grant.refreshToken,
    ...(grant.resource && { resource: grant.resource }),
  });
}

interface TokenResponseOptions {
  /** When the request was sent, in Unix milliseconds. Lifetimes count from here. */
  sentAt: number;
  /** The secrets in the request; redacted if an error repeats them. */
  secrets: readonly string[];
}

/**
 * Reads the response of the token endpoint (RFC 6749, sections 5.1 and 5.2).
 *
 * @throws {ClerkCliAuthError} `token_exchange` if it is an error or not a valid token response.
 */
export function readTokenResponse(
  response: TextResponse,
  { sentAt, secrets }: TokenResponseOptions,
): TokenSet {
  const body = parseJsonObject(response.text);
  if (response.status !== 200 || typeof body?.error === "string") {
    throw refusal(response, { step: "token_exchange", endpointName: TOKEN_ENDPOINT, secrets });
  }
  if (!body) throw unusable("is not a JSON object");
  const [accessToken, refreshToken, idToken] = [body.access_token, body.refresh_token, body.id_token]
    .map((token) => isTokenText(token) ? token : undefined);
  if (accessToken === undefined) throw unusable("has no usable 'access_token'");
  const tokenType = text(body.token_type);
  if (tokenType && tokenType.toLowerCase() !== "bearer") {
    throw unusable("has a 'token_type' other than Bearer");
  }
  const expiresAt = expiry(body, accessToken, {
    sentAt,
    issuerTime: Date.parse(response.headers.get("date") ?? ""),
  });
  return {
    accessToken,
    ...(refreshToken && { refreshToken }),
    ...(idToken && { idToken }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(text(body.scope) && { scope: text(body.scope)! }),
    ...(tokenType && { tokenType }),
  };
}

/**
 * Returns when the access token expires, in Unix milliseconds of the local clock: from `expires_in`, else
 * from the `exp` of a JWT corrected by the issuer's clock, else unknown.
 */
function expiry(body: JsonObject, accessToken: string, { sentAt, issuerTime }: Timing): number | undefined {
  const lifetime = typeof body.expires_in === "string" ? parseFloat(body.expires_in) : body.expires_in;
  if (isTime(lifetime)) return sentAt + Math.max(0, Math.round(lifetime * 1000));
  const exp = decodeJwtClaims(accessToken)?.exp;
  if (!isTime(exp)) return undefined;
  return Math.round(exp * 1000) - (Number.isNaN(issuerTime) ? 0 : issuerTime - sentAt);
}

interface Timing {
  sentAt: number;
  /** The issuer's clock, in Unix milliseconds; `NaN` if the response has no `Date`. */
  issuerTime: number;
}

/** Reports whether a number of seconds fits in a `Date`, which ends at 8.64e12. */
function isTime(seconds: unknown): seconds is number {
  return typeof seconds === "number" && Math.abs(seconds) <= 8e12;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value ? value : undefined;
}

function unusable(what: string): ClerkCliAuthError {
  return new ClerkCliAuthError("token_exchange", `The response of the token endpoint ${what}`, {
    status: 200,
  });
}

/** The name of the revocation endpoint in messages. */
export const REVOCATION_ENDPOINT = "The revocation endpoint";

/** The kind of token to revoke (RFC 7009, section 2.1). */
export type TokenTypeHint = "access_token" | "refresh_token";

/** The parameters of a revocation request. */
export interface Revocation {
  clientId: string;
  token: string;
  tokenTypeHint?: TokenTypeHint | undefined;
}

/** Builds the request that revokes a token (RFC 7009, section 2.1). */
export function revocationRequest(
  endpoint: string,
  { clientId, token, tokenTypeHint }: Revocation,
): HttpRequest {
  return formRequest(endpoint, {
    client_id: clientId,
    token,
    ...(tokenTypeHint && { token_type_hint: tokenTypeHint }),
  });
}

/**
 * Reads the response of the revocation endpoint (RFC 7009, section 2.2).
 *
 * @throws {ClerkCliAuthError} `revoke` if the token was not revoked.
 */
export function readRevocationResponse(response: TextResponse, token: string): void {
  if (response.status === 200 || response.status === 204) return;
  throw refusal(response, { step: "revoke", endpointName: REVOCATION_ENDPOINT, secrets: [token] });
}
