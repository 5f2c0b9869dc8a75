import { isJsonObject } from "../../core/encoding.ts";
import { type ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { cleanCause, withoutSecrets, withoutTokens } from "../../core/redact.ts";
import type {
  AuthenticateRequestOptions,
  AuthenticateRequestState,
  ClerkClientLike,
} from "../clerk/client.ts";
import { errorOfFailure, failureOfApiError, isClerkApiError, knownReason } from "../clerk/failures.ts";
import {
  invalidToken,
  keysUnavailable,
  misconfigured,
  NO_SUBJECT,
  secretKeyRefused,
  UNKNOWN_KEY,
} from "../failures.ts";
import type { Credential } from "../token/credential.ts";
import { msOf, tokenInfo } from "../token/verified_token.ts";
import type { VerifiedToken } from "../types.ts";

export interface VerificationOptions {
  /** The public key (PEM) of a JWT, if available. No network is then needed, so only the token can be at fault. */
  jwtKey?: string | undefined;
  /** The audiences to accept for an OAuth access token. */
  audience?: readonly string[] | undefined;
  /** The secrets sent to Clerk besides the token. */
  secrets: readonly string[];
}

/**
 * `authenticateRequest` requires a well-formed publishable key for OAuth access tokens but does not use it.
 * With this one, a secret key is enough.
 */
const PUBLISHABLE_KEY = `pk_test_${btoa("clerk.example.com$")}`;

/** Verifies a credential with the client. Throws `not_authenticated`, `unavailable` or `config`. */
export async function authenticate(
  clerk: ClerkClientLike,
  credential: Credential,
  options: VerificationOptions,
): Promise<VerifiedToken> {
  const secrets = [credential.token, ...options.secrets];
  const ask = async () =>
    await clerk.authenticateRequest(requestWith(credential.token), optionsFor(credential, options));
  const state = await ask().catch((error) => {
    throw failureOf(error, secrets);
  });
  if (!state.isAuthenticated) throw rejectionOf(state, { ...options, secrets });
  return tokenInfoOf(state, credential, secrets);
}

// Pass on only the token: cookies and other headers must not affect the verification.
function requestWith(token: string): Request {
  return new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } });
}

function optionsFor(
  { type }: Credential,
  { jwtKey, audience }: VerificationOptions,
): AuthenticateRequestOptions {
  if (type === "api_key") return { acceptsToken: type };
  return {
    acceptsToken: type,
    publishableKey: PUBLISHABLE_KEY,
    ...(jwtKey === undefined ? {} : { jwtKey }),
    ...(audience === undefined ? {} : { audience: [...audience] }),
  };
}

/** Returns what an error of a Clerk client means for a verification. */
export function failureOf(error: unknown, secrets: readonly string[]): ClerkCliAuthError {
  if (isClerkCliAuthError(error)) return error;
  if (isClerkApiError(error)) return failureOfApiError(error, secrets);
  return misconfigured("The Clerk client failed to verify a token", { cause: cleanCause(error, secrets) });
}

function tokenInfoOf(
  state: AuthenticateRequestState,
  { type, jwt }: Credential,
  secrets: readonly string[],
): VerifiedToken {
  const { tokenType = type, subject, scopes, id, clientId, orgId, claims } = authOf(state, secrets);
  if (tokenType !== type) throw invalidToken("Clerk holds the token for one of another kind");
  const findings = { subject, scopes, id, clientId };
  if (!jwt) return tokenInfo(type, { ...findings, orgId, claims: isJsonObject(claims) ? claims : undefined });
  const { org_id, exp } = jwt.claims;
  return tokenInfo(type, { ...findings, orgId: org_id, claims: jwt.claims, expiresAt: msOf(exp) });
}

// For a dead token, Clerk may respond with 200 and no subject. `toAuth` then throws for an API key.
function authOf(state: AuthenticateRequestState, secrets: readonly string[]): Record<string, unknown> {
  try {
    return { ...(state.toAuth() as Record<string, unknown> | null) };
  } catch (error) {
    throw invalidToken(NO_SUBJECT, cleanCause(error, secrets));
  }
}

/**
 * How `@clerk/backend` starts messages about the JWT itself. It uses the same reason, with arbitrary text, if
 * the signing keys cannot be fetched, but that must not become a 401.
 */
const ABOUT_THE_JWT =
  /^(?:Invalid |JWT |OAuth audience |Subject claim |Error verifying JWT |Unable to find a signing key )/;
const NO_KEY = "Unable to find a signing key ";

/** The reasons if the signing keys cannot be fetched. */
const ABOUT_THE_KEYS = ["jwk-remote-failed-to-load", "jwk-remote-missing", "jwk-failed-to-resolve"];

/** Returns why `authenticateRequest` did not accept a token. */
export function rejectionOf(
  state: AuthenticateRequestState,
  { jwtKey, secrets }: Pick<VerificationOptions, "jwtKey" | "secrets">,
): ClerkCliAuthError {
  const { reason, message } = state;
  const text = message ?? "";
  const said = withoutTokens(withoutSecrets(text, secrets));
  const cause = new Error(`authenticateRequest: ${reason ?? "no reason"}: ${said}`);
  if (reason === "secret-key-invalid") return secretKeyRefused(cause);
  if (reason === "unexpected-error") {
    const status = /status=(\d{3})/.exec(text)?.[1];
    return errorOfFailure({ status: status === undefined ? undefined : Number(status), cause });
  }
  const isAboutTheKeys = ABOUT_THE_KEYS.includes(reason ?? "") ||
    (reason === "token-verification-failed" && jwtKey === undefined && !ABOUT_THE_JWT.test(text));
  if (isAboutTheKeys) return /secret key/i.test(text) ? secretKeyRefused(cause) : keysUnavailable({ cause });
  if (text.startsWith(NO_KEY)) return invalidToken(UNKNOWN_KEY, cause);
  return invalidToken(knownReason([reason ?? "", text]) ?? "The token is not valid", cause);
}
