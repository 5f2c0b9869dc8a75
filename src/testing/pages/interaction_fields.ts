import type { Interaction } from "../issuer/interaction.ts";
import { type Html, html } from "./html.ts";

/** The hidden fields that bind a form to its interaction and its browser. */
export function interactionFields({ id, csrfToken }: Interaction): Html {
  return html`<input type="hidden" name="interaction" value="${id}">
<input type="hidden" name="csrf_token" value="${csrfToken}">`;
}
