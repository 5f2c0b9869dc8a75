import { isSameText, randomToken, sha256 } from "./encoding.ts";
import { ClerkCliAuthError, denied } from "./errors.ts";
import { trimTrailingSlashes } from "./issuer.ts";
import { printable } from "./text.ts";

/**
 * How the issuer returns the authorization response: in the query, or in a form that the browser posts (OAuth
 * 2.0 Form Post Response Mode).
 */
export type ResponseMode = "query" | "form_post";

/** The parameters of an authorization request (RFC 6749, section 4.1.1; RFC 7636, section 4.3). */
interface AuthorizationRequest {
  clientId: string;
  redirectUri: string;
  scopes: readonly string[];
  state: string;
  codeChallenge: string;
  /** Binds the ID token to this attempt (OpenID Connect Core 1.0, section 3.1.2.1). */
  nonce?: string;
  prompt?: string;
  /** Set only if it is not `query` (OAuth 2.0 Multiple Response Type Encoding Practices, section 2.1). */
  responseMode?: ResponseMode;
  /** The resource the token is for (RFC 8707, section 2). */
  resource?: string;
}

/** Builds the URL that the user's browser opens. */
export function authorizationUrl(endpoint: string, request: AuthorizationRequest): string {
  const url = new URL(endpoint);
  const parameters: Record<string, string | undefined> = {
    response_type: "code",
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    scope: request.scopes.join(" "),
    state: request.state,
    code_challenge: request.codeChallenge,
    code_challenge_method: "S256",
    nonce: request.nonce,
    prompt: request.prompt,
    response_mode: request.responseMode,
    resource: request.resource,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

/** What a request to the redirect URI contains. */
export type CallbackOutcome =
  /** The response to this attempt, with its authorization code. */
  | { kind: "code"; code: string }
  /** The response to this attempt, and it reports an error. */
  | { kind: "failure"; error: ClerkCliAuthError }
  /** Not a response to this attempt: it must not change anything. */
  | { kind: "unrelated"; oauthError?: string };

/** What the response to this attempt must contain. */
export interface CallbackExpectation {
  state: string;
  issuer: string;
  /** Whether `iss` is required: an issuer that supports it always sends it (RFC 9207, section 2.4). */
  requiresIssuer?: boolean;
}

/**
 * Reads the parameters of a request to the redirect URI (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207).
 * Trusts none of them until the state matches.
 */
export function readCallback(parameters: URLSearchParams, expected: CallbackExpectation): CallbackOutcome {
  const oauthError = single(parameters, "error");
  if (!isSameText(single(parameters, "state"), expected.state)) {
    return { kind: "unrelated", ...(ERROR_CODE.test(oauthError) && { oauthError }) };
  }
  const issuers = parameters.getAll("iss");
  if (issuers.length > 1 || issuers.some((issuer) => trimTrailingSlashes(issuer) !== expected.issuer)) {
    return { kind: "failure", error: wrongIssuer(expected.issuer) };
  }
  if (expected.requiresIssuer && issuers.length === 0) {
    return { kind: "failure", error: unnamedIssuer(expected.issuer) };
  }
  if (oauthError) {
    return { kind: "failure", error: refused(oauthError, single(parameters, "error_description")) };
  }
  const code = single(parameters, "code");
  return code ? { kind: "code", code } : { kind: "unrelated" };
}

/** Any web page can send a request here. Only text in this format may reach the terminal. */
const ERROR_CODE = /^[a-z_]{1,40}$/;

/** Returns a parameter's value, or an empty string if it is missing or repeated (RFC 6749, section 3.1). */
function single(parameters: URLSearchParams, name: string): string {
  const values = parameters.getAll(name);
  return values.length === 1 ? values[0]! : "";
}

function wrongIssuer(expected: string): ClerkCliAuthError {
  return foreignResponse(`The authorization response names another issuer than "${expected}"`);
}

function unnamedIssuer(expected: string): ClerkCliAuthError {
  return foreignResponse(`The authorization response names no issuer, as one of "${expected}" would`);
}

function foreignResponse(message: string): ClerkCliAuthError {
  return new ClerkCliAuthError("token_exchange", message, {
    action: "Start the login again and sign in on the page that it opens",
  });
}

const DENIALS = new Set(["access_denied", "consent_required", "login_required", "interaction_required"]);

function refused(oauthError: string, description: string): ClerkCliAuthError {
  const name = printable(oauthError, 80);
  const detail = description ? `${name}: ${printable(description, 300)}` : name;
  if (DENIALS.has(oauthError)) return denied(name, detail);
  return new ClerkCliAuthError("token_exchange", `The issuer refused the authorization request (${detail})`, {
    oauthError: name,
    retryable: oauthError === "server_error" || oauthError === "temporarily_unavailable",
  });
}

/** Longer than any URL that a browser shows in its address bar. */
const MAX_LENGTH = 16_384;

/**
 * Parses an authorization response that someone pasted: the full URL that the browser ended up on, or
 * `code#state`. Returns `undefined` if the text is neither.
 */
export function parsePastedResponse(text: string): URLSearchParams | undefined {
  const pasted = text.trim();
  if (pasted.length > MAX_LENGTH) return undefined;
  if (/^https?:\/\//i.test(pasted)) return URL.canParse(pasted) ? new URL(pasted).searchParams : undefined;
  const [, code, state] = /^([^\s#]+)#([^\s#]+)$/.exec(pasted) ?? [];
  return code && state ? new URLSearchParams({ code, state }) : undefined;
}

/** A PKCE code verifier and its challenge (RFC 7636). */
export interface PkcePair {
  codeVerifier: string;
  codeChallenge: string;
}

/** Creates a code verifier of 32 random bytes and its S256 code challenge (RFC 7636, sections 4.1 and 4.2). */
export async function createPkcePair(): Promise<PkcePair> {
  const codeVerifier = randomToken();
  return { codeVerifier, codeChallenge: await sha256(codeVerifier) };
}
