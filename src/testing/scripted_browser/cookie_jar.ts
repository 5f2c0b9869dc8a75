interface Cookie {
  name: string;
  value: string;
  host: string;
  path: string;
  /** Unix time in milliseconds. */
  expiresAt: number;
}

/** The cookies of a browser (RFC 6265), host-only ones. As in every browser, the ports of a host share them. */
export class CookieJar {
  #cookies: Cookie[] = [];

  /** Takes the cookies that an answer sets. */
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

  /** The `Cookie` header for a request; `undefined` when there is nothing to send. */
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

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
