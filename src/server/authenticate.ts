import { type ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import type { AuthenticateOptions, AuthenticateState, ClerkClientLike } from "./clerk_client.ts";
import { failureOfApiError, isClerkApiError } from "./clerk_failure.ts";
import type { Credential } from "./credential.ts";
import { invalidToken, misconfigured } from "./failures.ts";
import { rejectionOf } from "./rejection.ts";
import type { TokenInfo } from "./token_info.ts";

/** What goes with a verification. */
export interface VerificationOptions {
  /** The public key (PEM) of a JWT, where it is at hand. */
  jwtKey?: string | undefined;
  /** Whether no network is needed for it, so that nothing but the token can be at fault. */
  offline: boolean;
  /** The audiences to accept for an OAuth access token. */
  audience?: readonly string[] | undefined;
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
  const state = await stateOf(clerk, credential, options);
  if (!state.isAuthenticated) throw rejectionOf(state, options);
  return tokenInfoOf(state, credential);
}

async function stateOf(clerk: ClerkClientLike, credential: Credential, options: VerificationOptions) {
  try {
    return await clerk.authenticateRequest(requestWith(credential.token), optionsFor(credential, options));
  } catch (error) {
    throw failureOf(error);
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

function failureOf(error: unknown): ClerkCliAuthError {
  if (isClerkCliAuthError(error)) return error;
  if (isClerkApiError(error)) return failureOfApiError(error);
  return misconfigured("The Clerk client failed to verify a token", { cause: error });
}

function tokenInfoOf(state: AuthenticateState, { type, jwt }: Credential): TokenInfo {
  const auth = authOf(state);
  const { subject, tokenType = type } = auth;
  if (typeof subject !== "string" || subject === "") {
    throw invalidToken("Clerk named no subject for the token");
  }
  if (tokenType !== type) throw invalidToken("Clerk holds the token for one of another kind");
  const claims = frozen(jwt ? jwt.claims : objectOf(auth["claims"]));
  const exp = jwt?.claims["exp"];
  return {
    subject,
    type,
    scopes: scopesOf(auth["scopes"]),
    ...(claims && { claims }),
    ...text("id", auth["id"]),
    ...text("clientId", auth["clientId"]),
    ...text("orgId", jwt ? jwt.claims["org_id"] : auth["orgId"]),
    ...(typeof exp === "number" && { expiresAt: exp * 1000 }),
  };
}

// Clerk can answer a dead token 200 without a subject, and `toAuth` then throws for an API key.
function authOf(state: AuthenticateState): Record<string, unknown> {
  try {
    return objectOf(state.toAuth()) ?? {};
  } catch (cause) {
    throw invalidToken("Clerk named no subject for the token", cause);
  }
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? value as Record<string, unknown> : undefined;
}

// Claims are handed to everyone who brings the same token: no one may change them for the others.
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, frozen(member)]);
  return Object.freeze(Array.isArray(value) ? value.map(frozen) : Object.fromEntries(members)) as T;
}

function scopesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((scope) => typeof scope === "string" && scope !== "") : [];
}

function text<N extends string>(name: N, value: unknown): { [key in N]?: string } {
  return typeof value === "string" && value !== "" ? { [name]: value } as { [key in N]: string } : {};
}
