import type { IncomingRequest } from "../incoming_request.ts";
import type { Instance } from "../instance.ts";
import type { Interaction } from "./interaction.ts";
import { findSession, type Session } from "./sessions.ts";

/** An interaction together with the browser that it belongs to. */
export interface PendingInteraction {
  interaction: Interaction;
  session: Session;
}

/** The interaction that a page is asked for with; `undefined` when it is over or another browser's. */
export function findInteraction(
  request: IncomingRequest,
  { id, instance }: { id: string | null; instance: Instance },
): PendingInteraction | undefined {
  const interaction = instance.interactions.get(id ?? "");
  const session = findSession(request, instance);
  if (!interaction || !session || interaction.sessionId !== session.id) return undefined;
  return interaction.expiresAt > instance.now() ? { interaction, session } : undefined;
}

/** The interaction that a form was sent for; `undefined` also when the form was not ours. */
export function findSubmittedInteraction(
  request: IncomingRequest,
  { form, instance }: { form: URLSearchParams; instance: Instance },
): PendingInteraction | undefined {
  const pending = findInteraction(request, { id: form.get("interaction"), instance });
  return pending?.interaction.csrfToken === form.get("csrf_token") ? pending : undefined;
}
