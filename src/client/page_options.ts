import { ClerkCliAuthError } from "../core/errors.ts";
import { parseHttpsUrl } from "../core/issuer.ts";
import { quoted } from "../core/quoted.ts";

/** A colour in hexadecimal notation (`#rgb` or `#rrggbb`), or one for each colour scheme of the person's system. */
export type PageColor = string | { light: string; dark: string };

/** How the pages look that the browser shows at the end of a login, and where it goes instead. */
export interface PageOptions {
  /**
   * The colour of the check mark.
   * @default green
   */
  accentColor?: PageColor;
  /**
   * The colour around the card that the text stands on.
   * @default a light and a dark grey
   */
  backgroundColor?: PageColor;
  /**
   * Where the browser goes after a login that worked, in place of our page: https, or http on a loopback host. Neither
   * the code nor the address that it came to is told to that page.
   */
  successUrl?: string;
}

/** Checked {@linkcode PageOptions}. */
export interface ResolvedPageOptions {
  readonly accent: SchemeColors | undefined;
  readonly background: SchemeColors | undefined;
  readonly successUrl: string | undefined;
}

/** A colour for each colour scheme. */
export interface SchemeColors {
  readonly light: string;
  readonly dark: string;
}

/**
 * Checks the options of the pages.
 *
 * @throws {ClerkCliAuthError} `config` when a colour could be anything else than one, or the URL is not allowed.
 */
export function parsePageOptions(options: PageOptions = {}): ResolvedPageOptions {
  if (typeof options !== "object" || options === null) {
    throw new ClerkCliAuthError("config", `'page' must be an object: got ${quoted(options)}`);
  }
  const { accentColor, backgroundColor, successUrl } = options;
  return {
    accent: parseColor(accentColor, "page.accentColor"),
    background: parseColor(backgroundColor, "page.backgroundColor"),
    successUrl: successUrl === undefined ? undefined : parseHttpsUrl(successUrl, "page.successUrl").href,
  };
}

function parseColor(color: PageColor | undefined, name: string): SchemeColors | undefined {
  if (color === undefined) return undefined;
  const { light, dark } = typeof color === "object" && color !== null ? color : { light: color, dark: color };
  return { light: parseHex(light, name), dark: parseHex(dark, name) };
}

/** Nothing but digits gets into the style sheet. */
function parseHex(value: unknown, name: string): string {
  if (typeof value === "string" && /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(value)) return value;
  throw new ClerkCliAuthError("config", `'${name}' must be a colour such as "#6c47ff": got ${quoted(value)}`);
}
