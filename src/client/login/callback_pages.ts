import { randomToken } from "../../core/encoding.ts";
import { isClerkCliAuthError } from "../../core/errors.ts";
import type { UserIdentity } from "../../core/identity.ts";
import type { ResolvedPageOptions, SchemeColors } from "../config.ts";

/** The content of a page in the user's browser. */
export interface PageContent {
  /** Selects the icon. */
  outcome: "success" | "failure" | "neutral";
  heading: string;
  /** Paragraphs of plain text. */
  paragraphs: readonly string[];
}

interface PageInit {
  /** @default 200 */
  status?: number;
  headers?: Record<string, string>;
}

const PICTURES = {
  success: "M7.5 12.5l3 3 6-6.5",
  failure: "M9 9l6 6M15 9l-6 6",
  neutral: "M12 11v5M12 7.6v.1",
} as const;

/** The responses of one loopback listener. They run no script, load nothing and are not cached. */
export class CallbackPages {
  readonly #styleElement: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: ResolvedPageOptions) {
    const nonce = randomToken();
    this.#styleElement = `<style nonce="${nonce}">${pageStyle(options)}</style>`;
    this.#headers = {
      "cache-control": "no-store",
      "content-security-policy":
        `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    };
  }

  /** Responds with a page. */
  show(content: PageContent, { status = 200, headers = {} }: PageInit = {}): Response {
    const type = { "content-type": "text/html; charset=utf-8" };
    return new Response(renderPage(content, this.#styleElement), {
      status,
      headers: { ...headers, ...type, connection: "close", ...this.#headers },
    });
  }

  /** Redirects the browser away from the URL with the code. It may request the next page on the same connection. */
  goOn(location: string): Response {
    return new Response(null, { status: 303, headers: { ...this.#headers, location } });
  }
}

function renderPage({ outcome, heading, paragraphs }: PageContent, styleElement: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(heading)}</title>
<link rel="icon" href="data:,">
${styleElement}
</head>
<body>
<main>
<svg class="${outcome}" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="${
    PICTURES[outcome]
  }"/></svg>
<h1>${escapeHtml(heading)}</h1>
${paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("\n")}
</main>
</body>
</html>
`;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --quiet: #59636e; --ground: #f6f7f9; --card: #fff; --line: #d9dee3;
  --success: #1a7f37; --failure: #b42318; --neutral: #57606a }
@media (prefers-color-scheme: dark) { :root { --text: #f0f3f6; --quiet: #a9b3bd; --ground: #101418; --card: #1a1f25;
  --line: #313a44; --success: #4ac26b; --failure: #ff8577; --neutral: #a9b3bd } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground);
  color: var(--text); font: 1rem/1.55 system-ui, sans-serif }
main { width: 100%; max-width: 27rem; padding: 2.5rem 2rem; border: 1px solid var(--line); border-radius: 1rem;
  background: var(--card); text-align: center; overflow-wrap: anywhere }
svg { width: 3.25rem; height: 3.25rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round;
  stroke-linejoin: round }
.success { color: var(--success) } .failure { color: var(--failure) } .neutral { color: var(--neutral) }
h1, p { text-wrap: balance }
h1 { margin: 1rem 0 .5rem; font-size: 1.4rem; line-height: 1.25 }
p { margin: .5rem 0 0; color: var(--quiet) } p:first-of-type { color: var(--text) }
`;

/** Builds the style sheet. Text is on a card of fixed colors, so that it stays readable with any custom color. */
export function pageStyle(
  { accent, background }: Pick<ResolvedPageOptions, "accent" | "background">,
): string {
  return STYLE + variable("success", accent) + variable("ground", background);
}

function variable(name: string, colors: SchemeColors | undefined): string {
  if (!colors) return "";
  const rule = (color: string) => `:root { --${name}: ${color} }`;
  return `${rule(colors.light)}\n@media (prefers-color-scheme: dark) { ${rule(colors.dark)} }\n`;
}

const BACK = "You can close this window and go back to the terminal.";

/** The page after a successful login. */
export function successPage(appName: string | undefined, user: UserIdentity): PageContent {
  const account = [user.email, user.username, user.name, user.sub].find((name) =>
    typeof name === "string" && name
  );
  return {
    outcome: "success",
    heading: appName ? `Signed in to ${appName}` : "Signed in",
    paragraphs: [`You are signed in as ${account}.`, BACK],
  };
}

/** The page after a failed login. */
export function failurePage(appName: string | undefined, error: unknown): PageContent {
  const reason = isClerkCliAuthError(error) ? `${error.message}.` : "Something went wrong.";
  return {
    outcome: "failure",
    heading: appName ? `Not signed in to ${appName}` : "Not signed in",
    paragraphs: [reason, "Go back to the terminal to see what to do. You can close this window."],
  };
}
