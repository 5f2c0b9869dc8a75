import { fullName } from "../directory.ts";
import type { EmulatedUser } from "../entities.ts";
import type { Interaction } from "../issuer/interaction.ts";
import { type Html, html } from "./html.ts";
import { interactionFields } from "./interaction_fields.ts";
import { page } from "./page.ts";

const MAX_ACCOUNTS = 5;
const ERROR = html`<p class="error" role="alert">No user of this emulator has that email address.</p>`;

/** The page on which a user signs in by an email address; there are no passwords. */
export function signInPage(
  interaction: Interaction,
  { users, unknownEmail }: { users: readonly EmulatedUser[]; unknownEmail?: string },
): Response {
  const accounts = users.filter(({ email }) => email !== null).slice(0, MAX_ACCOUNTS);
  const content = html`
    <h1>Sign in</h1>
    <p class="lead">to continue to ${interaction.request.application.name}</p>
    ${unknownEmail === undefined ? undefined : ERROR}
    <form method="post" action="/sign-in">
      ${interactionFields(interaction)}
      <label for="email">Email address</label>
      <input id="email" name="email" type="email" value="${unknownEmail}" autocomplete="username" required autofocus>
      <button class="primary">Continue</button>
    </form>
    ${accounts.length === 0 ? undefined : html`<p class="or">or as a user of this emulator</p>`}
    ${accounts.map((user) => accountForm(user, interaction))}
    <p class="small">No password is asked for: anyone who can open this page can sign in as anyone.</p>
  `;
  return page({ title: "Sign in", content, status: unknownEmail === undefined ? 200 : 400 });
}

function accountForm(user: EmulatedUser, interaction: Interaction): Html {
  const email = user.email ?? "";
  const name = fullName(user) ?? user.username ?? email;
  return html`
    <form method="post" action="/sign-in">
      ${interactionFields(interaction)}
      <button class="account" name="email" value="${email}">
        <span class="avatar" aria-hidden="true">${initial(name)}</span>
        <span><strong>${name}</strong><small>${email}</small></span>
      </button>
    </form>
  `;
}

function initial(name: string): string {
  return ([...name][0] ?? "?").toUpperCase();
}
