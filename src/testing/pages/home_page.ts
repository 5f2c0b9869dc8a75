import type { Instance } from "../instance.ts";
import { html } from "./html.ts";
import { page } from "./page.ts";

/** The page at `/`: what this server is and what it holds. */
export function homePage(issuer: string, instance: Instance): Response {
  const applications = [...instance.applications.values()];
  const users = [...instance.users.values()];
  const content = html`
    <h1>Emulator of a Clerk instance</h1>
    <p class="lead">For developing and testing command-line sign-in without a Clerk account.</p>
    <dl>
      <dt>Issuer</dt>
      <dd><code>${issuer}</code></dd>
      <dt>OAuth applications</dt>
      ${applications.map(({ name, clientId }) => html`<dd>${name}: <code>${clientId}</code></dd>`)}
      <dt>Users</dt>
      ${users.map(({ email, id }) => html`<dd>${email ?? id}</dd>`)}
    </dl>
  `;
  return page({ title: "Clerk instance", content });
}
