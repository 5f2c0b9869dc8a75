import { html } from "./html.ts";
import { page } from "./page.ts";

/** The page that posts the outcome of an authorization to the application (OAuth 2.0 Form Post Response Mode). */
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
