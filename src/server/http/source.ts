import { misconfigured } from "../failures.ts";
import { assertKnownOptions, type OptionNames } from "../options.ts";
import { isFetchRequest } from "../token/credential.ts";
import type { HandleOptions, NodeRequest, ProxyOptions } from "../types.ts";

/** What Deno, Bun and `@hono/node-server` pass with a request. */
interface Platform {
  remoteAddr?: { hostname?: unknown };
  requestIP?(request: Request): { address?: unknown } | null;
  incoming?: { socket?: { remoteAddress?: unknown } };
}

/** Returns an address, or the /64 of an IPv6 address; `undefined` if unknown or private. */
type TellSource = () => string | undefined;

/**
 * Returns a function that tells where a request came from: the address of the connection, or what the proxy
 * says.
 *
 * @throws {ClerkCliAuthError} `config` if an option is invalid.
 */
export function sourceReader(
  { source, proxy }: Pick<HandleOptions, "source" | "proxy">,
): (request: Request, platform: unknown) => TellSource {
  if (proxy) assertProxy(proxy);
  return (request, platform) => () => {
    if (source) {
      const name = source(request) || undefined;
      return name && (networkOf(name) ?? name);
    }
    const peer = networkOf(peerOf(request, platform));
    return peer ?? (proxy && networkOf(forwarded(request, proxy)));
  };
}

/** Tells where a request came from by its connection alone. */
export function sourceOfConnection(request: Request | NodeRequest): TellSource {
  return () =>
    networkOf(isFetchRequest(request) ? peerOf(request, undefined) : request.socket?.remoteAddress);
}

const PROXY_OPTIONS: OptionNames<ProxyOptions> = { header: true, count: true };

function assertProxy(proxy: ProxyOptions): void {
  assertKnownOptions(proxy, PROXY_OPTIONS, "'proxy'");
  const { header, count = 1 } = proxy;
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header)) {
    throw misconfigured("'proxy.header' must be the name of a header");
  }
  if (!Number.isInteger(count) || count < 1) throw misconfigured("'proxy.count' must be a positive integer");
}

function peerOf(request: Request, platform: unknown): unknown {
  const { remoteAddr, incoming, requestIP } = Object(platform) as Platform;
  // Cloudflare sets the header for its Workers. Elsewhere callers can forge it.
  const isWorker = globalThis.navigator?.userAgent === "Cloudflare-Workers";
  return (isWorker ? request.headers.get("cf-connecting-ip") : undefined) ?? remoteAddr?.hostname ??
    incoming?.socket?.remoteAddress ?? requestIP?.call(platform, request)?.address;
}

function forwarded(request: Request, { header, count = 1 }: ProxyOptions): string | undefined {
  const entry = request.headers.get(header)?.split(",").at(-count)?.trim();
  // RFC 7239, section 4: `for="[2001:db8::1]:4711";proto=https`
  const node = /(?:^|;)\s*for="?([^";]*)/i.exec(entry ?? "")?.[1] ?? entry;
  return /^\[(.*)\](?::\d+)?$/.exec(node ?? "")?.[1] ?? node?.replace(/^([\d.]+):\d+$/, "$1");
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const PRIVATE_IPV4 =
  /^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;
/** The first group of unique local and link-local addresses (RFC 4193, section 3.1; RFC 4291, section 2.5.6). */
const PRIVATE_IPV6 = /^(?:f[cd]..|fe[89ab].)$/;

/**
 * Returns a public IPv4 address, or the /64 of a public IPv6 address, because whoever has one of its
 * addresses has them all.
 */
function networkOf(address: unknown): string | undefined {
  if (typeof address !== "string") return undefined;
  if (IPV4.test(address)) return PRIVATE_IPV4.test(address) ? undefined : address;
  const groups = groupsOf(address);
  if (!groups) return undefined;
  if (groups.slice(0, 5).every((group) => group === "0")) {
    return groups[5] === "ffff" ? networkOf(mappedAddress(groups)) : undefined;
  }
  return PRIVATE_IPV6.test(groups[0]!) ? undefined : `${groups.slice(0, 4).join(":")}::/64`;
}

/** Splits an IPv6 address into eight groups without leading zeros. */
function groupsOf(address: string): string[] | undefined {
  const url = `http://[${address.replace(/%.*/, "")}]/`;
  if (!address.includes(":") || !URL.canParse(url)) return undefined;
  const halves = new URL(url).hostname.slice(1, -1).split("::").map((half) =>
    half.split(":").filter(Boolean)
  );
  const [head = [], tail = []] = halves;
  return [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
}

// RFC 4291, section 2.5.5.2.
function mappedAddress(groups: readonly string[]): string {
  const [high = 0, low = 0] = groups.slice(6).map((group) => parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
