/**
 * How an authorization response comes: in the address, or as a form that the browser posts (OAuth 2.0 Form Post Response
 * Mode).
 */
export type ResponseMode = "query" | "form_post";

/** What an authorization request says (RFC 6749, section 4.1.1, and RFC 7636, section 4.3). */
export interface AuthorizationRequest {
  clientId: string;
  redirectUri: string;
  scopes: readonly string[];
  state: string;
  codeChallenge: string;
  /** Binds the ID token to this attempt (OpenID Connect Core 1.0, section 3.1.2.1). */
  nonce?: string;
  prompt?: string;
  /** How the response comes, where not by the query (OAuth 2.0 Multiple Response Type Encoding Practices, section 2.1). */
  responseMode?: ResponseMode;
}

/** The URL that the user's browser is sent to. */
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
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}
