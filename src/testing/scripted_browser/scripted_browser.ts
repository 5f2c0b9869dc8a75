import type { BrowserForm, BrowserPage } from "./browser_page.ts";
import { CookieJar } from "./cookie_jar.ts";
import { readPage } from "./read_page.ts";
import { type SignInOptions, walkSignIn } from "./sign_in_walk.ts";

const MAX_REDIRECTS = 20;

/** What {@linkcode createScriptedBrowser} takes. */
export interface ScriptedBrowserOptions {
  /**
   * Sends a request; it must not follow redirects by itself.
   * @default the global `fetch`
   */
  fetch?: (request: Request) => Promise<Response>;
}

/** What to send with a form. */
export interface SubmitOptions {
  /** Values for its fields, by name. */
  values?: Readonly<Record<string, string>>;
  /**
   * The button to press, by its value or its text.
   * @default the first one
   */
  button?: string;
}

/** Where a walk of redirects ends before its end. */
export interface OpenOptions {
  /** Tells that an address is not to be asked for: the walk ends there. */
  stopBefore?: (url: URL) => boolean;
}

/** A user agent without a screen: it keeps cookies, follows redirects and sends forms. It runs no scripts. */
export interface ScriptedBrowser {
  /**
   * Opens a page.
   *
   * @param url The address.
   * @param options Where to stop.
   * @returns The page after all redirects. Where a redirect leads to another scheme than http, it is not asked for.
   */
  open(url: string, options?: OpenOptions): Promise<BrowserPage>;
  /**
   * Sends a form.
   *
   * @param form A form of a page.
   * @param options What to fill in, which button to press, where to stop.
   * @returns The page that it leads to.
   */
  submit(form: BrowserForm, options?: SubmitOptions & OpenOptions): Promise<BrowserPage>;
  /**
   * Walks a sign-in from the authorization URL to the application's callback: signs in and allows or denies.
   *
   * @param url The authorization URL.
   * @param options Who signs in and what is decided.
   * @returns The page of the application.
   * @throws {Error} When the walk does not lead to the application.
   */
  signIn(url: string, options?: SignInOptions): Promise<BrowserPage>;
  /**
   * Makes an opener for the client's `openBrowser` that walks the sign-in.
   *
   * @param options Who signs in and what is decided.
   * @returns The opener.
   */
  opener(options?: SignInOptions): (url: string) => Promise<void>;
}

/**
 * Creates a scripted browser, with no cookies yet. It walks the pages of the emulator, and those of other servers that
 * do with plain forms.
 *
 * @param options How it sends requests.
 * @returns The browser.
 *
 * @example Look at the emulator's home page
 * ```ts
 * import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
 *
 * const browser = createScriptedBrowser({ fetch: createEmulator().fetch });
 * const page = await browser.open("http://127.0.0.1/");
 * console.log(page.title); // Clerk instance · Emulator
 * ```
 */
export function createScriptedBrowser(options: ScriptedBrowserOptions = {}): ScriptedBrowser {
  const { fetch = (request) => globalThis.fetch(request) } = options;
  const cookies = new CookieJar();

  async function load(
    address: string,
    init: RequestInit,
    stopBefore?: OpenOptions["stopBefore"],
  ): Promise<BrowserPage> {
    let url = new URL(address);
    let request = init;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      if (!url.protocol.startsWith("http") || stopBefore?.(url)) {
        return readPage({ url: url.href, status: 0, body: "" });
      }
      const response = await send(url, request);
      const location = isRedirect(response.status) ? response.headers.get("location") : null;
      if (location === null) {
        return readPage({ url: url.href, status: response.status, body: await response.text() });
      }
      await response.body?.cancel();
      url = new URL(location, url);
      if (response.status < 307) request = {};
    }
    throw new Error(`The page redirects more than ${MAX_REDIRECTS} times`);
  }

  async function send(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers({ Accept: "text/html,*/*;q=0.8" });
    const cookie = cookies.header(url);
    if (cookie !== undefined) headers.set("Cookie", cookie);
    if (init.body instanceof URLSearchParams) {
      headers.set("Content-Type", "application/x-www-form-urlencoded");
    }
    const body = init.body === undefined ? null : String(init.body);
    const response = await fetch(new Request(url, { ...init, body, headers, redirect: "manual" }));
    cookies.store(url, response.headers);
    return response;
  }

  const browser: ScriptedBrowser = {
    open: (url, { stopBefore } = {}) => load(url, {}, stopBefore),
    async submit(form, { stopBefore, ...options } = {}) {
      const data = formData(form, options);
      if (form.method === "POST") return await load(form.action, { method: "POST", body: data }, stopBefore);
      const url = new URL(form.action);
      url.search = String(data);
      return await load(url.href, {}, stopBefore);
    },
    signIn: (url, options = {}) => walkSignIn(browser, url, options),
    opener: (options) => async (url) => {
      await browser.signIn(url, options);
    },
  };
  return browser;
}

function formData(form: BrowserForm, { values = {}, button }: SubmitOptions): URLSearchParams {
  const data = new URLSearchParams();
  for (const { name, value } of form.fields) if (name !== "") data.append(name, values[name] ?? value);
  const pressed = button === undefined
    ? form.buttons[0]
    : form.buttons.find(({ value, text }) => value === button || text.trim() === button);
  if (button !== undefined && !pressed) throw new Error(`The form has no button '${button}'`);
  if (pressed && pressed.name !== "") data.append(pressed.name, pressed.value);
  return data;
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}
