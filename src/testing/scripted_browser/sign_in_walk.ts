import type { ScriptedBrowser } from "./browser.ts";
import type { BrowserField, BrowserForm, BrowserPage } from "./page.ts";

const MAX_PAGES = 10;
const ALLOW = /^\W*(allow|accept|authorize|continue|approve|yes)\b/i;
const DENY = /^\W*(deny|cancel|reject|abort|decline|no)\b/i;

/** Who signs in and what is decided. */
export interface SignInOptions {
  /**
   * The email address, or whatever the page asks for first.
   * @default "ada@example.com"
   */
  email?: string;
  /**
   * The password, where a page asks for one.
   * @default "password"
   */
  password?: string;
  /**
   * What is decided on the consent page.
   * @default "allow"
   */
  decision?: "allow" | "deny";
  /**
   * The identifier of the organization to choose on the consent page.
   * @default the first one
   */
  organizationId?: string;
  /**
   * Whether the application's callback is asked for. If not, the walk ends with its address: what a person would copy.
   * @default true
   */
  visitCallback?: boolean;
}

/** Walks the pages of an issuer until they lead away from it. */
export async function walkSignIn(
  browser: ScriptedBrowser,
  url: string,
  options: SignInOptions,
): Promise<BrowserPage> {
  const { origin } = new URL(url);
  const { visitCallback = true } = options;
  const stopBefore = visitCallback ? undefined : (next: URL) => next.origin !== origin;
  const open = stopBefore ? { stopBefore } : {};
  let page = await browser.open(url, open);
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    if (new URL(page.url).origin !== origin) return page;
    const step = nextStep(page, options);
    if (!step) break;
    page = typeof step === "string"
      ? await browser.open(step, open)
      : await browser.submit(step.form, { ...step, ...open });
  }
  throw new Error(
    `The sign-in ended with status ${page.status} at ${page.url}: ${page.title || page.body.slice(0, 500)}`,
  );
}

interface Submission {
  form: BrowserForm;
  values?: Record<string, string>;
  button?: string;
}

/** What a person would do on a page: a form to send, or a link to follow. */
function nextStep(page: BrowserPage, options: SignInOptions): Submission | string | undefined {
  const { email = "ada@example.com", password = "password", decision = "allow", organizationId } = options;
  const signIn = page.forms.find((form) => form.fields.some(isIdentifier));
  if (signIn) return { form: signIn, values: credentials(signIn, { email, password }) };
  const wanted = decision === "allow" ? ALLOW : DENY;
  for (const form of page.forms) {
    const button = form.buttons.find(({ value, text }) => wanted.test(value) || wanted.test(text));
    const values: Record<string, string> = organizationId === undefined
      ? {}
      : { organization: organizationId };
    if (button) return { form, values, button: button.value || button.text.trim() };
  }
  const link = decision === "deny" && page.links.find(({ text }) => DENY.test(text));
  if (link) return link.href;
  return page.forms[0] && { form: page.forms[0] };
}

function isIdentifier({ type }: BrowserField): boolean {
  return type === "text" || type === "email";
}

function credentials(
  { fields }: BrowserForm,
  { email, password }: { email: string; password: string },
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const field of fields) {
    if (isIdentifier(field)) values[field.name] = email;
    if (field.type === "password") values[field.name] = password;
  }
  return values;
}
