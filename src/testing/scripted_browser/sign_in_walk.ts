import type { BrowserField, BrowserForm, BrowserPage } from "./page.ts";

const MAX_PAGES = 10;
const ALLOW = /^\W*(allow|accept|authorize|continue|approve|yes)\b/i;
const DENY = /^\W*(deny|cancel|reject|abort|decline|no)\b/i;

/** Who signs in and what they decide. */
export interface SignInOptions {
  /**
   * The email address, or whatever else the page asks for first.
   * @default "ada@example.com"
   */
  email?: string;
  /**
   * The password, if a page asks for one.
   * @default "password"
   */
  password?: string;
  /**
   * The decision on the consent page.
   * @default "allow"
   */
  decision?: "allow" | "deny";
  /**
   * The ID of the organization to choose on the consent page.
   * @default the first one
   */
  organizationId?: string;
  /**
   * The code to enter on the verification page of the device grant (RFC 8628).
   * @default the code in the URL of that page
   */
  userCode?: string;
  /**
   * Whether to request the application's callback. If not, the walk ends with its URL, which a user could
   * copy.
   * @default true
   */
  visitCallback?: boolean;
}

/** Walks an issuer's pages until they lead elsewhere or, for a device, nothing is left to do. */
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
  const isVerificationPage = page.forms.some(asksForUserCode);
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    if (new URL(page.url).origin !== origin) return page;
    const step = pages > 0 && page.forms.some(asksForUserCode) ? undefined : nextStep(page, options);
    // Directly after the code, it was rejected; later, the walk is over.
    if (!step && isVerificationPage && pages > 1) return page;
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

/** Decides what to do on a page: submit a form or follow a link. */
function nextStep(page: BrowserPage, options: SignInOptions): Submission | string | undefined {
  const { email = "ada@example.com", password = "password", decision = "allow", organizationId } = options;
  const device = page.forms.find(asksForUserCode);
  if (device) return enterUserCode(device, options);
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

function asksForUserCode({ fields }: BrowserForm): boolean {
  return fields.some(({ name, type }) => name === "user_code" && type !== "hidden");
}

function enterUserCode(form: BrowserForm, { userCode }: SignInOptions): Submission {
  return { form, ...userCode !== undefined && { values: { user_code: userCode } } };
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

/** How to fill in a form. */
export interface SubmitOptions {
  /** Values for the fields, by name. */
  values?: Readonly<Record<string, string>>;
  /**
   * The button to press, by value or text.
   * @default the first one
   */
  button?: string;
}

/** Where to stop following redirects. */
export interface OpenOptions {
  /** Returns `true` for a URL that must not be requested. The walk ends there. */
  stopBefore?: (url: URL) => boolean;
}

/** A headless browser. It keeps cookies, follows redirects and submits forms, but runs no scripts. */
export interface ScriptedBrowser {
  /**
   * Opens a page.
   *
   * @param url The URL.
   * @param options Where to stop.
   * @returns The page after all redirects. Redirects to a scheme other than http or https are not followed.
   */
  open(this: void, url: string, options?: OpenOptions): Promise<BrowserPage>;
  /**
   * Submits a form.
   *
   * @param form A form on a page.
   * @param options What to fill in, which button to press and where to stop.
   * @returns The next page.
   */
  submit(this: void, form: BrowserForm, options?: SubmitOptions & OpenOptions): Promise<BrowserPage>;
  /**
   * Walks a sign-in from the authorization URL to the application's callback. From the verification URI of
   * the device grant (RFC 8628), the walk ends at the issuer's last page.
   *
   * @param url The authorization URL or the verification URI.
   * @param options Who signs in and what they decide.
   * @returns The application's page, or the last page for a device.
   * @throws {Error} If the walk does not get there.
   */
  signIn(this: void, url: string, options?: SignInOptions): Promise<BrowserPage>;
  /**
   * Creates an `openBrowser` function for the client that walks the sign-in.
   *
   * @param options Who signs in and what they decide.
   * @returns The function.
   */
  opener(this: void, options?: SignInOptions): (url: string) => Promise<void>;
}
