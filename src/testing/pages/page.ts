import { randomText } from "../instance.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** HTML that is safe to insert into a page. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template may contain: text, to be escaped, or HTML. */
type HtmlValue = string | Html | readonly Html[] | undefined;

/** Builds HTML. Escapes text; `undefined` becomes nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.map((part, index) => part + render(values[index])).join(""));
}

function render(value: HtmlValue): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "string") {
    return value.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
  }
  return value.map(({ text }) => text).join("");
}

interface PageOptions {
  title: string;
  content: Html;
  /** @default 200 */
  status?: number;
  /** Whether it contains tables and code, which need room. */
  isWide?: boolean;
  /** Our own script. The policy forbids any other. */
  script?: string;
}

/** Responds with a page that identifies itself as an emulator. */
export function page({ title, content, status = 200, isWide = false, script }: PageOptions): Response {
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
        <main class="card${isWide ? " wide" : ""}">${content}</main>
        ${script === undefined ? undefined : html`<script nonce="${nonce}">${new Html(script)}</script>`}
      </body>
    </html>
  `;
  return new Response(document.text, { status, headers: headers(nonce) });
}

/**
 * `form-action` is missing: browsers also apply it to redirects after a form, so that it would have to list
 * every application.
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

/** The style of all pages. Colors follow the system's light or dark mode. */
const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f4f6; --card: #fff; --text: #17171c; --muted: #5c5c68; --line: #dcdce3; --field: #fff;
  --accent: #4f3cc9; --accent-text: #fff; --soft: #efedfb; --danger: #b3261e;
  --banner: #fff3cf; --banner-text: #4a3500; --banner-line: #e8cf83;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #111115; --card: #1b1b21; --text: #f1f1f4; --muted: #a6a6b3; --line: #34343e; --field: #131318;
    --accent: #a99cff; --accent-text: #14102e; --soft: #29263f; --danger: #ffb4ab;
    --banner: #3a2e0c; --banner-text: #ffe7a6; --banner-line: #5f4c17;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; background: var(--ground);
  color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
.banner {
  margin: 0; padding: .6rem 1rem; width: 100%; text-align: center; font-size: .875rem; background: var(--banner);
  color: var(--banner-text); border-bottom: 1px solid var(--banner-line);
}
.card {
  width: min(26rem, 100% - 2rem); margin: clamp(1rem, 8vh, 6rem) 0 2rem; padding: clamp(1.25rem, 6vw, 2rem);
  background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  box-shadow: 0 1px 2px rgb(0 0 0 / 6%), 0 12px 32px rgb(0 0 0 / 8%); overflow-wrap: anywhere;
}
.wide { width: min(52rem, 100% - 2rem); margin-top: clamp(1rem, 4vh, 3rem); }
h2 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
pre, td { font: .8125rem/1.6 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
pre { margin: 0; padding: .75rem 1rem; overflow-x: auto; background: var(--ground); border-radius: .5rem; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; overflow-wrap: normal; }
th { font-size: .8125rem; text-align: start; color: var(--muted); }
th, td { padding: .375rem 1rem .375rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
a { color: var(--accent); }
h1 { margin: 0 0 .25rem; font-size: 1.375rem; line-height: 1.25; letter-spacing: -.01em; }
.lead { margin: 0 0 1.5rem; color: var(--muted); }
.small { margin: 1.25rem 0 0; color: var(--muted); font-size: .875rem; }
.error { margin: 0 0 1rem; color: var(--danger); font-weight: 600; font-size: .9375rem; }
label { display: block; margin-bottom: .375rem; font-size: .875rem; font-weight: 600; }
input[type=email], input[type=text], select {
  width: 100%; margin-bottom: 1rem; padding: .625rem .75rem; font: inherit; color: inherit; background: var(--field);
  border: 1px solid var(--line); border-radius: .5rem;
}
button {
  width: 100%; padding: .625rem 1rem; font: inherit; font-weight: 600; cursor: pointer; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: .5rem;
}
button:hover { background: var(--soft); }
button.primary { color: var(--accent-text); background: var(--accent); border-color: var(--accent); }
button.primary:hover { filter: brightness(1.08); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.or { margin: 1.5rem 0 .75rem; color: var(--muted); font-size: .875rem; }
.account { display: flex; align-items: center; gap: .75rem; margin-bottom: .5rem; text-align: start; font-weight: 400; }
.account strong, .account small { display: block; }
.account small { color: var(--muted); font-size: .875rem; }
.avatar {
  flex: none; display: grid; place-items: center; width: 2.25rem; height: 2.25rem; border-radius: 50%;
  background: var(--soft); color: var(--accent); font-weight: 700;
}
.scopes { margin: 0 0 1.5rem; padding: 0; list-style: none; border-top: 1px solid var(--line); }
.scopes li { padding: .625rem 0; border-bottom: 1px solid var(--line); }
.scopes code { display: block; color: var(--muted); font-size: .8125rem; }
.choices { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
.plain { width: auto; padding: 0; border: 0; color: var(--accent); font-size: .875rem; font-weight: 600; }
.plain:hover { background: none; text-decoration: underline; }
`;
