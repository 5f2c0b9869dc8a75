import { findUserByEmail } from "../directory.ts";
import type { IncomingRequest } from "../incoming_request.ts";
import type { Instance } from "../instance.ts";
import { endedPage } from "../pages/ended_page.ts";
import { signInPage } from "../pages/sign_in_page.ts";
import { proceed } from "./interaction.ts";
import { findInteraction, findSubmittedInteraction } from "./pending_interaction.ts";
import { startSession, withSession } from "./sessions.ts";

/** Shows the sign-in page. */
export function showSignIn(request: IncomingRequest, instance: Instance): Response {
  const pending = findInteraction(request, { id: request.url.searchParams.get("interaction"), instance });
  if (!pending) return endedPage();
  return signInPage(pending.interaction, { users: [...instance.users.values()] });
}

/** Signs a user in, by an email address alone. */
export function submitSignIn(request: IncomingRequest, instance: Instance): Response {
  const form = new URLSearchParams(request.body);
  const pending = findSubmittedInteraction(request, { form, instance });
  if (!pending) return endedPage();
  const { interaction } = pending;
  const email = form.get("email") ?? "";
  const user = findUserByEmail(instance, email);
  if (!user) return signInPage(interaction, { users: [...instance.users.values()], unknownEmail: email });
  // A new session, so that nobody who knew the old cookie is signed in by it.
  const session = startSession(instance, user);
  interaction.sessionId = session.id;
  interaction.mustSignIn = false;
  return withSession(proceed(interaction, { session, instance }), { session, instance });
}
