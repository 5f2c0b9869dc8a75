/**
 * Whether a redirect URI is one of the registered ones: byte for byte, or, on the loopback addresses `127.0.0.1` and
 * `[::1]`, with any port (RFC 8252, section 7.3). `localhost` is no address: it must match with its port.
 */
export function isRegisteredRedirectUri(redirectUri: string, registered: readonly string[]): boolean {
  if (!URL.canParse(redirectUri) || redirectUri.includes("#")) return false;
  return registered.some((uri) => uri === redirectUri || isSameLoopback(redirectUri, uri));
}

function isSameLoopback(requested: string, registered: string): boolean {
  if (!URL.canParse(registered)) return false;
  const [asked, known] = [new URL(requested), new URL(registered)];
  const isLoopbackAddress = asked.hostname === "127.0.0.1" || asked.hostname === "[::1]";
  return asked.protocol === "http:" && known.protocol === "http:" && isLoopbackAddress &&
    asked.username === "" && asked.password === "" &&
    asked.hostname === known.hostname && asked.pathname === known.pathname && asked.search === known.search;
}
