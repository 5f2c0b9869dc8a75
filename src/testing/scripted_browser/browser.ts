import { type BrowserForm, type BrowserPage, readPage } from "./page.ts";
import { type OpenOptions, type ScriptedBrowser, type SubmitOptions, walkSignIn } from "./sign_in_walk.ts";

interface Cookie {
  name: string;
  value: string;
  host: string;
  path: string;
  /** In Unix milliseconds. */
  expiresAt: number;
}

/** The host-only cookies of a browser (RFC 6265). As in any browser, all ports of a host share them. */
class CookieJar {
  #cookies: Cookie[] = [];

  /** Stores the cookies of a response. */
  store(url: URL, headers: Headers): void {
    for (const header of headers.getSetCookie()) {
      const cookie = parseSetCookie(header, url);
      if (!cookie) continue;
      this.#cookies = this.#cookies.filter(({ name, host, path }) =>
        name !== cookie.name || host !== cookie.host || path !== cookie.path
      );
      if (cookie.expiresAt > Date.now()) this.#cookies.push(cookie);
    }
  }

  /** Returns the `Cookie` header for a request; `undefined` if there are no cookies. */
  header(url: URL): string | undefined {
    const pairs = this.#cookies
      .filter(({ host, path, expiresAt }) =>
        host === url.hostname && isWithin(url.pathname, path) && expiresAt > Date.now()
      )
      .sort((first, second) => second.path.length - first.path.length)
      .map(({ name, value }) => `${name}=${value}`);
    return pairs.length === 0 ? undefined : pairs.join("; ");
  }
}

function parseSetCookie(header: string, url: URL): Cookie | undefined {
  const [pair = "", ...parts] = header.split(";");
  const separator = pair.indexOf("=");
  if (separator < 1) return undefined;
  const attributes = new Map(parts.map((part) => {
    const [name = "", ...value] = part.split("=");
    return [name.trim().toLowerCase(), value.join("=").trim()];
  }));
  const path = attributes.get("path") ?? "";
  return {
    name: pair.slice(0, separator).trim(),
    value: pair.slice(separator + 1).trim(),
    host: url.hostname,
    path: path.startsWith("/") ? path : defaultPath(url.pathname),
    expiresAt: expiry(attributes),
  };
}

function expiry(attributes: ReadonlyMap<string, string>): number {
  const maxAge = attributes.get("max-age");
  if (maxAge !== undefined) return Date.now() + Number(maxAge) * 1000;
  const expires = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(expires) ? Infinity : expires;
}

function defaultPath(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`);
}

const MAX_REDIRECTS = 20;

/** The options of {@linkcode createScriptedBrowser}. */
export interface ScriptedBrowserOptions {
  /**
   * Sends a request without following redirects.
   * @default the global `fetch`
   */
  fetch?: (request: Request) => Promise<Response>;
}

/**
 * Creates a scripted browser without cookies. It walks the pages of the emulator, and of any server with
 * plain forms.
 *
 * @param options How to send requests.
 * @returns The browser.
 *
 * @example Open the emulator's home page
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
