import type { EmulatedOrganization } from "../entities.ts";
import type { IncomingRequest } from "../incoming_request.ts";
import type { Instance } from "../instance.ts";
import { consentPage } from "../pages/consent_page.ts";
import { endedPage } from "../pages/ended_page.ts";
import { selectableOrganizations } from "./consents.ts";
import { complete, deny, proceed } from "./interaction.ts";
import { findInteraction, findSubmittedInteraction } from "./pending_interaction.ts";
import { sessionUser } from "./sessions.ts";

/** Shows the consent page. */
export function showConsent(request: IncomingRequest, instance: Instance): Response {
  const pending = findInteraction(request, { id: request.url.searchParams.get("interaction"), instance });
  if (!pending) return endedPage();
  const { interaction, session } = pending;
  const user = sessionUser(session, instance);
  if (!user || interaction.mustSignIn) return proceed(interaction, { session, instance });
  const organizations = selectableOrganizations(user, { request: interaction.request, instance });
  return consentPage(interaction, { user, organizations });
}

/** Takes the user's decision. */
export function submitConsent(request: IncomingRequest, instance: Instance): Response {
  const form = new URLSearchParams(request.body);
  const pending = findSubmittedInteraction(request, { form, instance });
  if (!pending) return endedPage();
  const { interaction, session } = pending;
  const user = sessionUser(session, instance);
  const decision = form.get("decision");
  if (!user || interaction.mustSignIn || decision === "switch_account") {
    interaction.mustSignIn = true;
    return proceed(interaction, { session, instance });
  }
  if (decision !== "allow") return deny(interaction, instance);
  const organizations = selectableOrganizations(user, { request: interaction.request, instance });
  const organizationId = chosenOrganization(form, organizations)?.id;
  return complete(interaction, { session, user, consent: { organizationId }, instance });
}

function chosenOrganization(
  form: URLSearchParams,
  organizations: readonly EmulatedOrganization[],
): EmulatedOrganization | undefined {
  return organizations.find(({ id }) => id === form.get("organization")) ?? organizations[0];
}
