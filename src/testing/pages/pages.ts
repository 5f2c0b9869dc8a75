import type { EmulatedApplication, EmulatedOrganization, EmulatedUser } from "../entities.ts";
import { fullName, type Instance } from "../instance.ts";
import { type Interaction, SCOPE_DESCRIPTIONS } from "../issuer/state.ts";
import type { EmulatorRequest } from "../serve.ts";
import { type Html, html, page } from "./page.ts";

/** The page where a user allows or denies a request. */
export function consentPage(
  interaction: Interaction,
  { user, organizations }: { user: EmulatedUser; organizations: readonly EmulatedOrganization[] },
): Response {
  const { request: { application, scopes }, origin } = interaction;
  const isDevice = "userCode" in origin;
  const content = html`
    <h1>${application.name} asks for access</h1>
    <p class="lead">to the account ${user.email ?? user.id}</p>
    ${isDevice ? deviceWarning(origin.userCode) : undefined}
    ${scopes.length === 0 ? undefined : html`<ul class="scopes">${scopes.map(scopeItem)}</ul>`}
    <form method="post" action="/consent">
      ${interactionFields(interaction)}
      ${organizations.length === 0 ? undefined : organizationField(organizations)}
      <div class="choices">
        <button name="decision" value="deny">Deny</button>
        <button${isDevice ? undefined : PRIMARY} name="decision" value="allow">Allow</button>
      </div>
      <p class="small">
        ${isDevice
          ? undefined
          : `You will be sent to ${new URL(origin.redirectUri).host || origin.redirectUri}.`}
        <button class="plain" name="decision" value="switch_account">Use another account</button>
      </p>
    </form>
  `;
  return page({ title: `Allow ${application.name}`, content });
}

const PRIMARY = html`
  class="primary"
`;

function deviceWarning(userCode: string): Html {
  return html`
    <p><strong>Another device will be signed in.</strong> It shows the code <code>${userCode}</code>.</p>
    <p>Only allow it if you started this sign-in yourself, just now.</p>
  `;
}

function scopeItem(scope: string): Html {
  return html`<li>${SCOPE_DESCRIPTIONS.get(scope) ?? "Use a custom scope"}<code>${scope}</code></li>`;
}

function organizationField(organizations: readonly EmulatedOrganization[]): Html {
  return html`
    <label for="organization">Organization</label>
    <select id="organization" name="organization">
      ${organizations.map(({ id, name }) => html`<option value="${id}">${name}</option>`)}
    </select>
  `;
}

const UNKNOWN_CODE = html`
  <p class="error"
    role="alert">No device is waiting with that code. It may have expired, or it was already used.</p>
`;

/** The page where a user enters the code from a device. */
export function deviceCodePage(
  { userCode, isUnknown = false }: { userCode: string; isUnknown?: boolean },
): Response {
  const content = html`
    <h1>Sign in on another device</h1>
    <p class="lead">Enter the code that the device shows, if you started this sign-in yourself, just now.</p>
    ${isUnknown ? UNKNOWN_CODE : undefined}
    <form method="post" action="/device">
      <label for="user_code">Code</label>
      <input id="user_code" name="user_code" type="text" value="${userCode}" autocomplete="off" required
        autofocus>
      <button class="primary">Continue</button>
    </form>
  `;
  return page({ title: "Sign in on another device", content, status: isUnknown ? 400 : 200 });
}

/** The page after the decision about a device. */
export function deviceDonePage(
  { name }: EmulatedApplication,
  { isDenied }: { isDenied: boolean },
): Response {
  const title = isDenied ? "Access denied" : "Device signed in";
  const content = html`
    <h1>${title}</h1>
    <p class="lead">${name} ${isDenied
      ? "did not get access"
      : "has access now"}. You can close this page.</p>
  `;
  return page({ title, content });
}

/** The page for a sign-in that is over, started in another browser, or never existed. */
export function endedPage(): Response {
  const content = html`
    <h1>This sign-in is over</h1>
    <p class="lead">
      It is finished, took too long, or was begun in another browser. Go back to the application and start again.
    </p>
  `;
  return page({ title: "Sign-in over", content, status: 400 });
}

/** The page that posts the authorization response to the application (OAuth 2.0 Form Post Response Mode). */
export function formPostPage(action: string, parameters: Readonly<Record<string, string>>): Response {
  const fields = Object.entries(parameters).map(([name, value]) =>
    html`<input type="hidden" name="${name}" value="${value}">`
  );
  const content = html`
    <h1>One moment</h1>
    <p class="lead">You are being sent back to the application.</p>
    <form method="post" action="${action}">
      ${fields}
      <button class="primary">Continue</button>
    </form>
  `;
  return page({ title: "One moment", content, script: "document.forms[0].submit()" });
}

interface PasteableEmulator {
  issuer: string;
  secretKey: string;
  application: Pick<EmulatedApplication, "clientId" | "name">;
}

/** Returns what to paste into a CLI and its backend's environment to use the emulator. */
export function linesToPaste(
  { issuer, secretKey, application }: PasteableEmulator,
): { cli: string; backend: string } {
  const { clientId } = application;
  return {
    cli: `const auth = new ClerkCliAuth({
  clientId: ${JSON.stringify(clientId)},
  issuer: ${JSON.stringify(issuer)},
});`,
    backend:
      `export CLERK_API_URL=${issuer}\nexport CLERK_SECRET_KEY=${secretKey}\nexport CLERK_OAUTH_CLIENT_ID=${clientId}`,
  };
}

/** The number of requests on the home page. */
const MAX_REQUESTS = 20;

/**
 * The page at `/`: the lines to paste, the content of the instance, and the latest requests besides those for
 * this page.
 */
export function homePage(
  issuer: string,
  { instance, requests }: { instance: Instance; requests: readonly EmulatorRequest[] },
): Response {
  const users = [...instance.users.values()];
  const applications = [...instance.applications.values()];
  const latest = requests.filter(({ path }) => path !== "/" && path !== "/favicon.ico").slice(-MAX_REQUESTS);
  const content = html`
    <h1>Emulator of a Clerk instance</h1>
    <p class="lead">Develop and test a CLI's sign-in without a Clerk account.</p>
    ${applications.slice(0, 1).map((application) => {
      const { cli, backend } = linesToPaste({ issuer, secretKey: instance.secretKey, application });
      return html`
        <h2>Paste into your CLI</h2>
        <pre tabindex="0">${cli}</pre>
        <h2>Paste into the environment of your backend</h2>
        <pre tabindex="0">${backend}</pre>
      `;
    })}
    <h2>Users</h2>
    ${table(
      ["Email", "Name", "User ID"],
      users.map((user) => [user.email ?? "", fullName(user) ?? "", user.id]),
    )}
    <h2>Applications</h2>
    ${table(["Name", "Client ID"], applications.map(({ name, clientId }) => [name, clientId]))}
    <h2>Latest requests</h2>
    ${latest.length === 0
      ? html`<p class="lead">None yet. <a href="/">Reload</a> this page once your CLI has signed in.</p>`
      : table(
        ["Time (UTC)", "Request", "Status"],
        latest.reverse().map(({ at, method, path, status }) => [
          new Date(at).toISOString().slice(11, 19),
          `${method} ${path}`,
          String(status ?? "…"),
        ]),
      )}
  `;
  return page({ title: "Clerk instance", content, isWide: true });
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`
    <div class="scroll" tabindex="0">
      <table>
        <thead>
          <tr>${header.map((name) => html`<th scope="col">${name}</th>`)}</tr>
        </thead>
        <tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
      </table>
    </div>
  `;
}

/** The hidden fields that bind a form to its interaction and browser. */
function interactionFields({ id, csrfToken }: Interaction): Html {
  return html`<input type="hidden" name="interaction" value="${id}">
<input type="hidden" name="csrf_token" value="${csrfToken}">`;
}

const MAX_ACCOUNTS = 5;
const ERROR = html`<p class="error" role="alert">No user of this emulator has that email address.</p>`;

/** The page where a user signs in with an email address, without a password. */
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
