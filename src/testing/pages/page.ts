import { randomText } from "../identifiers.ts";
import { Html, html } from "./html.ts";
import { STYLE } from "./style.ts";

/** What a page holds. */
export interface PageOptions {
  title: string;
  content: Html;
  /** @default 200 */
  status?: number;
  /** A script of our own; every other one is forbidden. */
  script?: string;
}

/** Answers with a page that says on top that this is an emulator. */
export function page({ title, content, status = 200, script }: PageOptions): Response {
  const nonce = randomText(22);
  const document = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title} · Emulator</title>
        <style nonce="${nonce}">${new Html(STYLE)}</style>
      </head>
      <body>
        <p class="banner">
          <strong>Emulator, not Clerk.</strong> Served by @clerk/cli-auth/testing on this computer.
        </p>
        <main class="card">${content}</main>
        ${script === undefined ? undefined : html`<script nonce="${nonce}">${new Html(script)}</script>`}
      </body>
    </html>
  `;
  return new Response(document.text, { status, headers: headers(nonce) });
}

/**
 * There is no `form-action`: browsers apply it to the redirects after a form too, so that it would have to name every place
 * that an application may send its user to.
 */
function headers(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": policy.join("; "),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
  };
}
