import { seeOther } from "../answers.ts";
import { formPostPage } from "../pages/form_post_page.ts";
import type { Instance } from "../instance.ts";
import type { ResponseTarget } from "./authorization_request.ts";

/**
 * Sends the browser back to the application with the outcome (RFC 6749, sections 4.1.2 and 4.1.2.1): by a redirect, or by
 * a form that the page submits (`response_mode=form_post`).
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

/** Keeps the query that the redirect URI has of its own; the URL's `href` is ASCII, as a header must be. */
function appendQuery(uri: string, parameters: Record<string, string>): string {
  return new URL(`${uri}${uri.includes("?") ? "&" : "?"}${new URLSearchParams(parameters)}`).href;
}
