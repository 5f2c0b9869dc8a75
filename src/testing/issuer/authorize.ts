import { type IncomingRequest, readOAuthForm, refuseRepeated } from "../incoming_request.ts";
import type { Instance } from "../instance.ts";
import { OAuthProblem } from "../problems.ts";
import { parseAuthorizationRequest, parseResponseTarget } from "./authorization_request.ts";
import { authorizationResponse } from "./authorization_response.ts";
import { proceed, startInteraction } from "./interaction.ts";
import { findSession, startSession, withSession } from "./sessions.ts";

/**
 * The authorization endpoint (RFC 6749, section 3.1). An unknown client or an unregistered redirect URI is answered here;
 * whatever else is wrong goes back to the application by a redirect.
 */
export function authorize(request: IncomingRequest, instance: Instance): Response {
  const parameters = readParameters(request);
  const application = instance.applications.get(parameters.get("client_id") ?? "");
  if (!application) {
    throw new OAuthProblem("invalid_client", "The requested OAuth 2.0 Client does not exist", {
      status: 401,
    });
  }
  const { issuer } = request;
  const target = parseResponseTarget(parameters, application);
  const session = findSession(request, instance) ?? startSession(instance);
  try {
    const authorizationRequest = parseAuthorizationRequest(parameters, { application, target });
    const interaction = startInteraction(authorizationRequest, { session, issuer, instance });
    return withSession(proceed(interaction, { session, instance }), { session, instance });
  } catch (problem) {
    if (!(problem instanceof OAuthProblem)) throw problem;
    const outcome = { error: problem.error, error_description: problem.message };
    return authorizationResponse(target, { parameters: outcome, issuer, instance });
  }
}

function readParameters(request: IncomingRequest): URLSearchParams {
  if (request.method === "POST") return readOAuthForm(request);
  refuseRepeated(request.url.searchParams);
  return request.url.searchParams;
}
