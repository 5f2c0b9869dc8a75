import type { EmulatedApplication } from "../entities.ts";
import { OAuthProblem, seeOther } from "../http.ts";
import type { Instance } from "../instance.ts";
import { formPostPage } from "../pages/pages.ts";
import {
  type AuthorizationRequest,
  DEFAULT_SCOPES,
  parseScope,
  RESPONSE_MODES,
  type ResponseTarget,
} from "./state.ts";

const MIN_STATE_LENGTH = 8;
const S256_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const PROMPTS = ["none", "login", "consent"] as const;

/**
 * Determines where to send the response, before anything else is checked.
 *
 * @throws {OAuthProblem} `invalid_request`, shown without a redirect, if the redirect URI is not registered.
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
 * @throws {OAuthProblem} The error, returned by redirect.
 */
export function parseAuthorizationRequest(
  parameters: URLSearchParams,
  { application, target, instance }: {
    application: EmulatedApplication;
    target: ResponseTarget;
    instance: Instance;
  },
): AuthorizationRequest {
  const scopes = parseRequestedScopes(parameters, { application, instance });
  checkResponseType(parameters);
  const codeChallenge = parseCodeChallenge(parameters, application);
  checkState(target.state, codeChallenge);
  return {
    ...target,
    application,
    requestedRedirectUri: parameters.get("redirect_uri") ?? undefined,
    scopes,
    codeChallenge,
    nonce: parameters.get("nonce") ?? undefined,
    audience: parseResource(parameters, instance),
    prompts: parsePrompts(parameters),
  };
}

function onlyRedirectUri({ redirectUris }: EmulatedApplication): string | undefined {
  return redirectUris.length === 1 ? redirectUris[0] : undefined;
}

/**
 * Returns the requested scopes, or else the instance's defaults that the application may use.
 *
 * @throws {OAuthProblem} `invalid_scope` if the application may not use one of them.
 */
export function parseRequestedScopes(
  parameters: URLSearchParams,
  { application: { scopes: allowed }, instance }: { application: EmulatedApplication; instance: Instance },
): string[] {
  const scopes = parseScope(parameters.get("scope") ?? "");
  if (scopes.length === 0) {
    return (instance.settings.defaultScopes ?? DEFAULT_SCOPES).filter((scope) => allowed.includes(scope));
  }
  const unknown = scopes.find((scope) => !allowed.includes(scope));
  if (unknown === undefined) return scopes;
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

/** The state is optional with PKCE, which serves the same purpose. */
function checkState(state: string | undefined, codeChallenge: string | undefined): void {
  if (state === undefined ? codeChallenge !== undefined : state.length >= MIN_STATE_LENGTH) return;
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

/**
 * Returns the resource to grant (RFC 8707, section 2); `undefined` if there is none or the instance ignores
 * it.
 *
 * @throws {OAuthProblem} `invalid_target`
 */
export function parseResource(
  parameters: URLSearchParams,
  { behavior }: Instance,
): string | undefined {
  const resource = parameters.get("resource");
  if (resource === null || behavior.resource === "ignore") return undefined;
  if (behavior.resource === "refuse") throw new OAuthProblem("invalid_target", "The resource is not known");
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

/**
 * Sends the browser back to the application (RFC 6749, sections 4.1.2 and 4.1.2.1), by a redirect or by a
 * page that submits a form (`response_mode=form_post`).
 */
export function authorizationResponse(
  target: ResponseTarget,
  { parameters, issuer, instance }: {
    parameters: Record<string, string>;
    issuer: string;
    instance: Instance;
  },
): Response {
  const outcome = { ...parameters };
  if (target.state !== undefined) outcome.state = target.state;
  if (instance.behavior.sendIssuerInRedirect) outcome.iss = issuer;
  if (target.responseMode === "form_post") return formPostPage(target.redirectUri, outcome);
  return seeOther(appendQuery(target.redirectUri, outcome));
}

/** Keeps the query of the redirect URI. The `href` is ASCII, as a header must be. */
function appendQuery(uri: string, parameters: Record<string, string>): string {
  return new URL(`${uri}${uri.includes("?") ? "&" : "?"}${new URLSearchParams(parameters)}`).href;
}

/**
 * Reports whether a redirect URI is registered, byte for byte. The port is ignored for the loopback addresses
 * `127.0.0.1` and `[::1]` (RFC 8252, section 7.3), but not for `localhost`, which is not an address.
 */
function isRegisteredRedirectUri(redirectUri: string, registered: readonly string[]): boolean {
  if (!URL.canParse(redirectUri) || redirectUri.includes("#")) return false;
  return registered.some((uri) => uri === redirectUri || isSameLoopback(redirectUri, uri));
}

function isSameLoopback(requested: string, registered: string): boolean {
  if (!URL.canParse(registered)) return false;
  const [asked, known] = [new URL(requested), new URL(registered)];
  const isLoopbackAddress = asked.hostname === "127.0.0.1" || asked.hostname === "[::1]";
  return asked.protocol === "http:" && known.protocol === "http:" && isLoopbackAddress &&
    asked.username === "" && asked.password === "" &&
    asked.hostname === known.hostname && asked.pathname === known.pathname && asked.search === known.search;
}
