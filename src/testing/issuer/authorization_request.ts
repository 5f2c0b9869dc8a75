import type { EmulatedApplication } from "../entities.ts";
import { OAuthProblem } from "../problems.ts";
import { parseScope } from "../scopes.ts";
import { isRegisteredRedirectUri } from "./redirect_uri.ts";

const MIN_STATE_LENGTH = 8;
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const RESPONSE_MODES = ["query", "form_post"] as const;
const PROMPTS = ["none", "login", "consent"] as const;

/** Where the answer to an authorization request goes, and how. */
export interface ResponseTarget {
  readonly redirectUri: string;
  readonly responseMode: typeof RESPONSE_MODES[number];
  readonly state: string | undefined;
}

/** A valid authorization request (RFC 6749, section 4.1.1). */
export interface AuthorizationRequest extends ResponseTarget {
  readonly application: EmulatedApplication;
  /** The `redirect_uri` as it was sent. */
  readonly requestedRedirectUri: string | undefined;
  readonly scopes: readonly string[];
  readonly codeChallenge: string | undefined;
  readonly nonce: string | undefined;
  readonly audience: string | undefined;
  readonly prompts: readonly string[];
}

/**
 * Finds out where to answer, which comes before everything else.
 *
 * @throws {OAuthProblem} `invalid_request`, to be answered without a redirect, when the redirect URI is not registered.
 */
export function parseResponseTarget(
  parameters: URLSearchParams,
  application: EmulatedApplication,
): ResponseTarget {
  const requested = parameters.get("redirect_uri") ?? undefined;
  const redirectUri = requested ?? onlyRedirectUri(application);
  if (redirectUri === undefined || !isRegisteredRedirectUri(redirectUri, application.redirectUris)) {
    throw new OAuthProblem(
      "invalid_request",
      "The 'redirect_uri' parameter does not match any of the OAuth 2.0 Client's pre-registered redirect urls",
    );
  }
  const responseMode = RESPONSE_MODES.find((mode) => mode === parameters.get("response_mode")) ?? "query";
  return { redirectUri, responseMode, state: parameters.get("state") ?? undefined };
}

/**
 * Checks the rest of an authorization request.
 *
 * @throws {OAuthProblem} what is wrong with it, to be answered by a redirect.
 */
export function parseAuthorizationRequest(
  parameters: URLSearchParams,
  { application, target }: { application: EmulatedApplication; target: ResponseTarget },
): AuthorizationRequest {
  const scopes = parseScope(parameters.get("scope") ?? "");
  checkScopes(scopes, application);
  checkResponseType(parameters);
  checkState(target.state);
  return {
    ...target,
    application,
    requestedRedirectUri: parameters.get("redirect_uri") ?? undefined,
    scopes,
    codeChallenge: parseCodeChallenge(parameters, application),
    nonce: parameters.get("nonce") ?? undefined,
    audience: parseResource(parameters),
    prompts: parsePrompts(parameters),
  };
}

function onlyRedirectUri({ redirectUris }: EmulatedApplication): string | undefined {
  return redirectUris.length === 1 ? redirectUris[0] : undefined;
}

function checkScopes(scopes: readonly string[], { scopes: allowed }: EmulatedApplication): void {
  const unknown = scopes.find((scope) => !allowed.includes(scope));
  if (unknown === undefined) return;
  throw new OAuthProblem(
    "invalid_scope",
    `The OAuth 2.0 Client is not allowed to request scope '${unknown}'`,
  );
}

function checkResponseType(parameters: URLSearchParams): void {
  const responseMode = parameters.get("response_mode");
  if (responseMode !== null && !RESPONSE_MODES.some((mode) => mode === responseMode)) {
    throw new OAuthProblem("unsupported_response_mode", "The response mode must be 'query' or 'form_post'");
  }
  if (parameters.get("response_type") === "code") return;
  throw new OAuthProblem("unsupported_response_type", "The response type must be 'code'");
}

function checkState(state = ""): void {
  if (state.length >= MIN_STATE_LENGTH) return;
  throw new OAuthProblem("invalid_state", `The state must be at least ${MIN_STATE_LENGTH} characters long`);
}

function parseCodeChallenge(
  parameters: URLSearchParams,
  application: EmulatedApplication,
): string | undefined {
  const challenge = parameters.get("code_challenge");
  if (challenge === null) {
    if (!application.pkceRequired) return undefined;
    throw new OAuthProblem("invalid_request", "A 'code_challenge' is required for this client (RFC 7636)");
  }
  if (parameters.get("code_challenge_method") !== "S256") {
    throw new OAuthProblem(
      "invalid_request",
      "The 'code_challenge_method' must be S256; plain is not allowed",
    );
  }
  if (!S256_CHALLENGE.test(challenge)) {
    throw new OAuthProblem("invalid_request", "The 'code_challenge' is not a SHA-256 digest in base64url");
  }
  return challenge;
}

function parseResource(parameters: URLSearchParams): string | undefined {
  const resource = parameters.get("resource");
  if (resource === null) return undefined;
  if (URL.canParse(resource) && !resource.includes("#")) return resource;
  throw new OAuthProblem(
    "invalid_target",
    "The 'resource' must be an absolute URI without a fragment (RFC 8707)",
  );
}

function parsePrompts(parameters: URLSearchParams): string[] {
  const prompts = parseScope(parameters.get("prompt") ?? "");
  const isKnown = prompts.every((prompt) => PROMPTS.some((known) => known === prompt));
  if (isKnown && !(prompts.includes("none") && prompts.length > 1)) return prompts;
  throw new OAuthProblem("invalid_request", "The 'prompt' must be none, or login, consent or both");
}
