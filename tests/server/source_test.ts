import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type CliAuthInstance, fetchHandler, type FetchHandlerOptions, handle } from "@clerk/cli-auth/server";
import { caught } from "../harness/caught.ts";

/** What a handler says that a request came from. */
async function sourceOf(
  platform: unknown,
  { headers = {}, ...options }: Pick<FetchHandlerOptions, "source" | "proxy"> & {
    headers?: Record<string, string>;
  } = {},
): Promise<string | undefined> {
  const sources: (string | undefined)[] = [];
  const auth = {
    verifyToken: (_token, verifyOptions) => {
      const { source } = verifyOptions ?? {};
      sources.push(typeof source === "function" ? source() : source);
      return Promise.resolve({ subject: "user_1", type: "api_key", scopes: [] });
    },
    resolveIdentity: ({ tokenInfo }) => Promise.resolve({ sub: tokenInfo.subject }),
  } as Partial<CliAuthInstance> as CliAuthInstance;
  const request = () =>
    new Request("https://api.example.com/", { headers: { ...headers, authorization: "Bearer ak_1" } });
  await fetchHandler({ ...options, auth }).fetch(request(), platform);
  await handle({ ...options, auth })(request(), platform);
  assertEquals(sources[1], sources[0]);
  return sources[0];
}

const deno = (hostname: string) => ({ remoteAddr: { transport: "tcp", hostname, port: 1 } });
const bun = (address: string) => ({ requestIP: () => ({ address, family: "IPv4", port: 1 }) });
const node = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } }, outgoing: {} });

describe("the source of a request", () => {
  it("is the address of the connection in Deno, Bun and Node", async () => {
    for (const platform of [deno, bun, node]) {
      assertEquals(await sourceOf(platform("203.0.113.9")), "203.0.113.9");
    }
  });

  it("is the /64 of an IPv6 address, and the IPv4 address that is mapped to IPv6", async () => {
    for (
      const [address, source] of [
        ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
        ["2001:db8::1", "2001:db8:0:0::/64"],
        ["2001:DB8:0:0:0:0:0:1%eth0", "2001:db8:0:0::/64"],
        ["::ffff:203.0.113.9", "203.0.113.9"],
      ] as const
    ) {
      assertEquals(await sourceOf(node(address)), source);
    }
  });

  const PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "fd12:3456::1",
    "fe80::1",
    "::ffff:10.0.0.1",
  ];
  it("is not known for private and loopback addresses, and what is no address", async () => {
    for (const address of [...PRIVATE, "", "localhost", "1.2.3", "256.1.1.1", "1:2", "x::1"]) {
      assertEquals(await sourceOf(node(address)), undefined, address);
    }
    for (const platform of [undefined, null, "text", {}, { remoteAddr: { path: "/run/socket" } }]) {
      assertEquals(await sourceOf(platform), undefined);
    }
    assertEquals(await sourceOf({ requestIP: () => null }), undefined);
  });

  it("never comes from a header, unless the operator names it", async () => {
    const headers = { "x-forwarded-for": "203.0.113.1", "x-real-ip": "203.0.113.1" };
    assertEquals(await sourceOf(node("10.0.0.1"), { headers }), undefined);
    assertEquals(await sourceOf(undefined, { headers }), undefined);
  });

  it("is what Cloudflare says in a Worker, and nowhere else", async () => {
    const headers = { "cf-connecting-ip": "203.0.113.1" };
    const isWorker = globalThis.navigator?.userAgent === "Cloudflare-Workers";
    assertEquals(
      await sourceOf({ CLERK_SECRET_KEY: "sk_test_1" }, { headers }),
      isWorker ? "203.0.113.1" : undefined,
    );
  });

  it("is what the operator's proxy has added to the header, counted from the right", async () => {
    const headers = { "x-forwarded-for": "192.0.2.66, 203.0.113.1, 203.0.113.2" };
    const header = "X-Forwarded-For";
    for (const platform of [node("10.0.0.1"), node("::1"), undefined]) {
      assertEquals(await sourceOf(platform, { headers, proxy: { header } }), "203.0.113.2");
      assertEquals(await sourceOf(platform, { headers, proxy: { header, count: 2 } }), "203.0.113.1");
      assertEquals(await sourceOf(platform, { headers, proxy: { header, count: 4 } }), undefined);
      assertEquals(await sourceOf(platform, { proxy: { header } }), undefined);
    }
  });

  it("is the address of a caller that does not come through a proxy, whatever its headers say", async () => {
    const headers = { "x-forwarded-for": "203.0.113.1" };
    const proxy = { header: "x-forwarded-for" };
    assertEquals(await sourceOf(node("198.51.100.7"), { headers, proxy }), "198.51.100.7");
  });

  it("is read with a port, in brackets, and as Forwarded has it (RFC 7239)", async () => {
    for (
      const [value, source] of [
        ["203.0.113.1:4711", "203.0.113.1"],
        ["[2001:db8::1]:4711", "2001:db8:0:0::/64"],
        ["for=192.0.2.1, for=203.0.113.1;proto=https;by=203.0.113.43", "203.0.113.1"],
        ['proto=https; For="[2001:db8::1]:4711"', "2001:db8:0:0::/64"],
        ["for=unknown", undefined],
        ["10.0.0.2", undefined],
      ] as const
    ) {
      const headers = { forwarded: value };
      assertEquals(await sourceOf(node("10.0.0.1"), { headers, proxy: { header: "forwarded" } }), source);
    }
  });

  it("is what a function of the caller's says", async () => {
    const source = (request: Request) => request.headers.get("x-tenant") ?? undefined;
    const platform = node("203.0.113.9");
    assertEquals(await sourceOf(platform, { source, headers: { "x-tenant": "acme" } }), "acme");
    assertEquals(
      await sourceOf(platform, { source, headers: { "x-tenant": "2001:db8::1" } }),
      "2001:db8:0:0::/64",
    );
    assertEquals(await sourceOf(platform, { source }), undefined);
  });

  it("refuses a proxy whose header or number is invalid", async () => {
    for (
      const proxy of [{ header: "x forwarded" }, { header: "" }, { header: "x", count: 0 }, {
        header: "x",
        count: 1.5,
      }]
    ) {
      for (
        const create of [() => handle({ auth: {} as CliAuthInstance, proxy }), () => fetchHandler({ proxy })]
      ) {
        assertEquals((await caught(create)).code, "config");
      }
    }
  });
});
