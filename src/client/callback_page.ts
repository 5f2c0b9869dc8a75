import { sha256Base64 } from "../core/sha256.ts";
import type { ResolvedPageOptions } from "./page_options.ts";
import { pageStyle } from "./page_style.ts";

/** What a page in the user's browser says. */
export interface PageContent {
  /** Decides the picture. */
  outcome: "success" | "failure" | "neutral";
  heading: string;
  /** Paragraphs of plain text. */
  paragraphs: readonly string[];
}

/** What an answer has besides its page. */
export interface PageInit {
  /** @default 200 */
  status?: number;
  headers?: Record<string, string>;
}

const PICTURES = {
  success: "M7.5 12.5l3 3 6-6.5",
  failure: "M9 9l6 6M15 9l-6 6",
  neutral: "M12 11v5M12 7.6v.1",
} as const;

/** The answers of one loopback listener: no script, nothing loaded, nothing kept. */
export class CallbackPages {
  readonly #style: string;
  readonly #headers: Promise<Record<string, string>>;

  constructor(options: ResolvedPageOptions) {
    this.#style = pageStyle(options);
    this.#headers = pageHeaders(this.#style);
  }

  /** A page that shows some content. */
  async show(content: PageContent, { status = 200, headers = {} }: PageInit = {}): Promise<Response> {
    const type = { "content-type": "text/html; charset=utf-8" };
    return new Response(renderPage(content, this.#style), {
      status,
      headers: { ...headers, ...type, connection: "close", ...await this.#headers },
    });
  }

  /** An answer that sends the browser on, away from the address it came to; it may ask for what follows at once. */
  async goOn(location: string): Promise<Response> {
    return new Response(null, { status: 303, headers: { ...await this.#headers, location } });
  }
}

/** The headers of everything that the listener answers. */
async function pageHeaders(style: string): Promise<Record<string, string>> {
  const hash = await sha256Base64(style);
  return {
    "cache-control": "no-store",
    "content-security-policy":
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}

function renderPage({ outcome, heading, paragraphs }: PageContent, style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(heading)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
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
