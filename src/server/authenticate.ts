import { cleanCause } from "../core/clean_cause.ts";
import { type ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import type { AuthenticateOptions, AuthenticateState, ClerkClientLike } from "./clerk_client.ts";
import { failureOfApiError, isClerkApiError } from "./clerk_failure.ts";
import type { Credential } from "./credential.ts";
import { invalidToken, misconfigured, NO_SUBJECT } from "./failures.ts";
import { rejectionOf } from "./rejection.ts";
import { type TokenInfo, tokenInfo } from "./token_info.ts";

/** What goes with a verification. */
export interface VerificationOptions {
  /** The public key (PEM) of a JWT, where it is at hand. */
  jwtKey?: string | undefined;
  /** Whether no network is needed for it, so that nothing but the token can be at fault. */
  offline: boolean;
  /** The audiences to accept for an OAuth access token. */
  audience?: readonly string[] | undefined;
  /** What is sent to Clerk in confidence besides the token. */
  secrets: readonly string[];
}

/**
 * `authenticateRequest` requires a well-formed publishable key for OAuth access tokens, and uses nothing of it: with
 * this one a secret key alone is enough.
 */
const PUBLISHABLE_KEY = `pk_test_${btoa("clerk.example.com$")}`;

/**
 * Has the client verify a credential.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` when it is rejected, `unavailable` when Clerk cannot tell now,
 * `config` when we are set up wrongly.
 */
export async function authenticate(
  clerk: ClerkClientLike,
  credential: Credential,
  options: VerificationOptions,
): Promise<TokenInfo> {
  const secrets = [credential.token, ...options.secrets];
  const state = await stateOf(clerk, credential, { ...options, secrets });
  if (!state.isAuthenticated) throw rejectionOf(state, { ...options, secrets });
  return tokenInfoOf(state, credential, secrets);
}

async function stateOf(clerk: ClerkClientLike, credential: Credential, options: VerificationOptions) {
  try {
    return await clerk.authenticateRequest(requestWith(credential.token), optionsFor(credential, options));
  } catch (error) {
    throw failureOf(error, options.secrets);
  }
}

// Nothing but the token is handed on: no cookie and no other header of the caller takes part in the verification.
function requestWith(token: string): Request {
  return new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } });
}

function optionsFor({ type }: Credential, { jwtKey, audience }: VerificationOptions): AuthenticateOptions {
  if (type === "api_key") return { acceptsToken: type };
  return {
    acceptsToken: type,
    publishableKey: PUBLISHABLE_KEY,
    ...(jwtKey === undefined ? {} : { jwtKey }),
    ...(audience === undefined ? {} : { audience: [...audience] }),
  };
}

function failureOf(error: unknown, secrets: readonly string[]): ClerkCliAuthError {
  if (isClerkCliAuthError(error)) return error;
  if (isClerkApiError(error)) return failureOfApiError(error, secrets);
  return misconfigured("The Clerk client failed to verify a token", { cause: cleanCause(error, secrets) });
}

function tokenInfoOf(
  state: AuthenticateState,
  { type, jwt }: Credential,
  secrets: readonly string[],
): TokenInfo {
  const { tokenType = type, ...auth } = authOf(state, secrets);
  if (tokenType !== type) throw invalidToken("Clerk holds the token for one of another kind");
  const { subject, scopes, id, clientId, orgId, claims } = auth;
  if (!jwt) return tokenInfo(type, { subject, scopes, id, clientId, orgId, claims });
  const { org_id, exp } = jwt.claims;
  return tokenInfo(type, { subject, scopes, id, clientId, orgId: org_id, claims: jwt.claims, exp });
}

// Clerk can answer a dead token 200 without a subject, and `toAuth` then throws for an API key.
function authOf(state: AuthenticateState, secrets: readonly string[]): Record<string, unknown> {
  try {
    return { ...(state.toAuth() as Record<string, unknown> | null) };
  } catch (error) {
    throw invalidToken(NO_SUBJECT, cleanCause(error, secrets));
  }
}
