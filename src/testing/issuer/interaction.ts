import { randomToken } from "../../core/random.ts";
import { seeOther } from "../answers.ts";
import type { EmulatedUser } from "../entities.ts";
import type { Instance } from "../instance.ts";
import { OAuthProblem } from "../problems.ts";
import type { AuthorizationRequest } from "./authorization_request.ts";
import { authorizationResponse } from "./authorization_response.ts";
import { type Consent, consentKey } from "./consents.ts";
import { issueCode } from "./issue_code.ts";
import { type Session, sessionUser } from "./sessions.ts";

const LIFETIME_MS = 15 * 60 * 1000;

/** An authorization request that waits for its user. */
export interface Interaction {
  readonly id: string;
  readonly csrfToken: string;
  readonly request: AuthorizationRequest;
  readonly issuer: string;
  readonly expiresAt: number;
  /** The browser that it belongs to. */
  sessionId: string;
  /** Whether the user must sign in though somebody is signed in. */
  mustSignIn: boolean;
}

/** Keeps an authorization request until its user has decided. */
export function startInteraction(
  request: AuthorizationRequest,
  { session, issuer, instance }: { session: Session; issuer: string; instance: Instance },
): Interaction {
  const interaction: Interaction = {
    id: randomToken(),
    csrfToken: randomToken(),
    request,
    issuer,
    expiresAt: instance.now() + LIFETIME_MS,
    sessionId: session.id,
    mustSignIn: request.prompts.includes("login"),
  };
  instance.interactions.set(interaction.id, interaction);
  return interaction;
}

/**
 * Takes an interaction as far as it goes without its user: to the sign-in page, the consent page, or its end.
 *
 * @throws {OAuthProblem} `login_required` or `consent_required` when a page is needed but `prompt=none` forbids it.
 */
export function proceed(
  interaction: Interaction,
  { session, instance }: { session: Session; instance: Instance },
): Response {
  const user = sessionUser(session, instance);
  if (!user || interaction.mustSignIn) return ask("/sign-in", interaction, "login_required");
  const consent = rememberedConsent(interaction.request, { user, instance });
  if (!consent) return ask("/consent", interaction, "consent_required");
  return complete(interaction, { session, user, consent, instance });
}

/** Ends an interaction with a code. */
export function complete(
  interaction: Interaction,
  { session, user, consent, instance }: {
    session: Session;
    user: EmulatedUser;
    consent: Consent;
    instance: Instance;
  },
): Response {
  const { request, issuer } = interaction;
  instance.interactions.delete(interaction.id);
  instance.consents.set(consentKey(user, request), consent);
  const code = issueCode(request, { user, consent, authenticatedAt: session.authenticatedAt, instance });
  return authorizationResponse(request, { parameters: { code }, issuer, instance });
}

/** Ends an interaction with `access_denied`. */
export function deny(interaction: Interaction, instance: Instance): Response {
  const { request, issuer } = interaction;
  instance.interactions.delete(interaction.id);
  const parameters = { error: "access_denied", error_description: "The resource owner denied the request" };
  return authorizationResponse(request, { parameters, issuer, instance });
}

function ask(path: string, interaction: Interaction, error: string): Response {
  if (!interaction.request.prompts.includes("none")) return seeOther(`${path}?interaction=${interaction.id}`);
  throw new OAuthProblem(error, "The user would have to be asked, which 'prompt=none' forbids");
}

function rememberedConsent(
  request: AuthorizationRequest,
  { user, instance }: { user: EmulatedUser; instance: Instance },
): Consent | undefined {
  if (request.prompts.includes("consent") || !instance.behavior.rememberConsent) return undefined;
  return instance.consents.get(consentKey(user, request));
}
