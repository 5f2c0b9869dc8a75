import type { EmulatedOrganization, EmulatedUser } from "../entities.ts";
import type { Interaction } from "../issuer/interaction.ts";
import { SCOPE_DESCRIPTIONS } from "../scopes.ts";
import { type Html, html } from "./html.ts";
import { interactionFields } from "./interaction_fields.ts";
import { page } from "./page.ts";

/** The page on which a user allows or denies what an application asks for. */
export function consentPage(
  interaction: Interaction,
  { user, organizations }: { user: EmulatedUser; organizations: readonly EmulatedOrganization[] },
): Response {
  const { application, scopes, redirectUri } = interaction.request;
  const content = html`
    <h1>${application.name} asks for access</h1>
    <p class="lead">to the account ${user.email ?? user.id}</p>
    ${scopes.length === 0 ? undefined : html`<ul class="scopes">${scopes.map(scopeItem)}</ul>`}
    <form method="post" action="/consent">
      ${interactionFields(interaction)}
      ${organizations.length === 0 ? undefined : organizationField(organizations)}
      <div class="choices">
        <button name="decision" value="deny">Deny</button>
        <button class="primary" name="decision" value="allow">Allow</button>
      </div>
      <p class="small">
        You will be sent to ${new URL(redirectUri).host || redirectUri}.
        <button class="plain" name="decision" value="switch_account">Use another account</button>
      </p>
    </form>
  `;
  return page({ title: `Allow ${application.name}`, content });
}

function scopeItem(scope: string): Html {
  return html`<li>${SCOPE_DESCRIPTIONS.get(scope)}<code>${scope}</code></li>`;
}

function organizationField(organizations: readonly EmulatedOrganization[]): Html {
  return html`
    <label for="organization">Organization</label>
    <select id="organization" name="organization">
      ${organizations.map(({ id, name }) => html`<option value="${id}">${name}</option>`)}
    </select>
  `;
}
