import { randomToken } from "../../core/encoding.ts";
import { type IncomingRequest, OAuthProblem, readOAuthForm, refuseRepeated } from "../http.ts";
import type { Instance } from "../instance.ts";
import {
  authorizationResponse,
  parseAuthorizationRequest,
  parseResponseTarget,
} from "./authorization_request.ts";
import { interact } from "./interaction.ts";
import type { Approval, AuthorizationRequest } from "./state.ts";
import { authorizationOf } from "./tokens.ts";

/**
 * The authorization endpoint (RFC 6749, section 3.1). It shows an unknown client or unregistered redirect URI
 * as an error here; other errors go to the application by redirect.
 */
export function authorize(incoming: IncomingRequest, instance: Instance): Response {
  const parameters = readParameters(incoming);
  const application = instance.applications.get(parameters.get("client_id") ?? "");
  if (!application) {
    throw new OAuthProblem("invalid_client", "The requested OAuth 2.0 Client does not exist", {
      status: 401,
    });
  }
  const target = parseResponseTarget(parameters, application);
  const respond = (outcome: Record<string, string>) =>
    authorizationResponse(target, { parameters: outcome, issuer: incoming.issuer, instance });
  try {
    const request = parseAuthorizationRequest(parameters, { application, target, instance });
    return interact(incoming, {
      request,
      prompts: request.prompts,
      origin: target,
      conclude: (decision) =>
        respond(
          decision === "denied" ? DENIED : { code: issueCode(request, { approval: decision, instance }) },
        ),
      instance,
    });
  } catch (problem) {
    if (!(problem instanceof OAuthProblem)) throw problem;
    return respond({ error: problem.error, error_description: problem.message });
  }
}

const DENIED = { error: "access_denied", error_description: "The resource owner denied the request" };

/** Issues an authorization code (RFC 6749, section 4.1.2). */
function issueCode(
  request: AuthorizationRequest,
  { approval, instance }: { approval: Approval; instance: Instance },
): string {
  const code = randomToken();
  instance.codes.set(code, {
    authorization: authorizationOf(request, { approval, instance }),
    redirectUri: request.requestedRedirectUri,
    codeChallenge: request.codeChallenge,
    expiresAt: instance.now() + instance.behavior.authorizationCodeLifetimeSeconds * 1000,
    used: false,
  });
  return code;
}

function readParameters(request: IncomingRequest): URLSearchParams {
  if (request.method === "POST") return readOAuthForm(request);
  refuseRepeated(request.url.searchParams);
  return request.url.searchParams;
}
