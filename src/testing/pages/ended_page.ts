import { html } from "./html.ts";
import { page } from "./page.ts";

/** The page for a sign-in that is over, was begun in another browser, or never was. */
export function endedPage(): Response {
  const content = html`
    <h1>This sign-in is over</h1>
    <p class="lead">
      It is finished, took too long, or was begun in another browser. Go back to the application and start again.
    </p>
  `;
  return page({ title: "Sign-in over", content, status: 400 });
}
