import { serveOrigin } from "./support/routed_fetch.ts";
import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { cliAuth, type CliAuthFactoryOptions, fetchHandler, handle } from "@clerk/cli-auth/server";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { createCliAuth } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import type { FakeClock } from "../harness/fake_clock.ts";
import { installSystemClock } from "./support/clock.ts";
import { reuseKeyPairs } from "./support/key_pairs.ts";
import { outcome } from "./support/outcome.ts";
import { requestWith } from "./support/request_with.ts";

const MINUTE = 60_000;
const CLIENT = "client-1";

let clock: FakeClock;

/** An issuer whose key set a test replaces, and a verifier that knows nothing else of it. */
function setUp(options: CliAuthFactoryOptions = {}) {
  const read: string[] = [];
  let fetches = 0;
  let answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
  const issuer = serveOrigin((request) => {
    fetches++;
    return new URL(request.url).pathname === "/.well-known/jwks.json"
      ? answer(request)
      : new Response(null, { status: 404 });
  });
  const variable = (name: string) => {
    read.push(name);
    return "a value that must not be read";
  };
  const auth = createCliAuth({ jwtOnly: true, issuer, clientIds: [CLIENT], ...options }, { variable });
  return {
    auth,
    issuer,
    read,
    fetches: () => fetches,
    answerWith: (next: typeof answer) => void (answer = next),
    /** Publishes the keys of these. */
    publish(...emulators: Emulator[]) {
      answer = async () => {
        const sets = await Promise.all(emulators.map(keysOf));
        return Response.json({ keys: sets.flat() });
      };
    },
    sign(emulator: Emulator, claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) {
      const seconds = Math.floor(Date.now() / 1_000);
      const all = {
        iss: issuer,
        sub: "user_1",
        client_id: CLIENT,
        iat: seconds,
        exp: seconds + 7_200,
        ...claims,
      };
      return emulator.signJwt(all, { typ: "at+jwt", kid: emulator.instanceId, ...header });
    },
    /** Lets the short waits pass. */
    verify: (token: string) => clock.passWhile(outcome(() => auth.verifyToken(token)), 100),
  };
}

async function keysOf({ fetch }: Emulator): Promise<Record<string, unknown>[]> {
  return (await (await fetch(new Request("http://127.0.0.1/.well-known/jwks.json"))).json()).keys;
}

const emulated = () => createEmulator({ signingKey: "instance" });

describe("a backend without a secret key", () => {
  let generateKeys: () => void;

  beforeEach(() => {
    clock = installSystemClock();
    generateKeys = reuseKeyPairs();
  });
  afterEach(() => {
    generateKeys();
    clock.uninstall();
  });

  it("verifies JWT access tokens with the issuer's keys, and reads no variable", async () => {
    const { auth, sign, publish, read, fetches } = setUp();
    const emulator = emulated();
    publish(emulator);
    const token = await sign(emulator, { scope: "profile email", org_id: "org_1", jti: "oat_1" });
    const { subject, type, scopes, orgId, clientId, id } = await auth.verifyToken(token);
    assertEquals([subject, type, scopes, orgId, clientId, id], [
      "user_1",
      "oauth_token",
      ["profile", "email"],
      "org_1",
      CLIENT,
      "oat_1",
    ]);
    await auth.verifyToken(await sign(emulator, { sub: "user_2" }));
    assertEquals([read, fetches()], [[], 1]);
  });

  it("rejects anything but an access token of this issuer for these applications", async () => {
    const { sign, publish, verify } = setUp();
    const [emulator, stranger] = [emulated(), emulated()];
    publish(emulator);
    const [jwk] = await keysOf(stranger);
    const seconds = Math.floor(Date.now() / 1_000);
    const rejected: [string, Record<string, unknown>, Record<string, unknown>][] = [
      ["an ID token or a session token", {}, { typ: "JWT" }],
      ["no type", {}, { typ: undefined }],
      ["another issuer", { iss: "https://clerk.example.com" }, {}],
      ["another application", { client_id: "client-2" }, {}],
      ["no application", { client_id: undefined }, {}],
      ["expired", { exp: seconds - 10 }, {}],
      ["another algorithm", {}, { alg: "RS512" }],
      ["no algorithm", {}, { alg: "none" }],
      ["a machine", { sub: "mch_1" }, {}],
    ];
    for (const [what, claims, header] of rejected) {
      assertEquals(await verify(await sign(emulator, claims, header)), "invalid_token", what);
    }
    // The token's own word for where its key is counts for nothing.
    const own = { kid: emulator.instanceId, jwk, jku: "https://attacker.example.com/jwks.json" };
    assertEquals(await verify(await sign(stranger, {}, own)), "invalid_token");
    assertEquals(await verify(await sign(emulator)), "accepted");
  });

  it("accepts the configured audiences", async () => {
    const { sign, publish, verify } = setUp({ audience: "https://api.example.com" });
    const emulator = emulated();
    publish(emulator);
    assertEquals(await verify(await sign(emulator, { aud: "https://api.example.com" })), "accepted");
    assertEquals(await verify(await sign(emulator, { aud: "https://other.example.com" })), "invalid_token");
    assertEquals(await verify(await sign(emulator)), "invalid_token");
  });

  it("rejects API keys and opaque tokens by name, without a call", async () => {
    const { auth, fetches } = setUp();
    for (const [token, kind] of [["ak_1", "api_key"], ["oat_1", "oauth_token"]] as const) {
      const result = await auth.authenticate(requestWith(token));
      assert(!result.ok);
      const { error_description } = await result.response.json();
      assertEquals([result.response.status, error_description], [
        401,
        `Only JWT access tokens are accepted here, no opaque ${kind}`,
      ]);
    }
    assertEquals(fetches(), 0);
  });

  it("finds a new key as soon as a token names it, and forgets the old one within five minutes", async () => {
    const { sign, publish, verify, fetches } = setUp();
    const [first, second] = [emulated(), emulated()];
    publish(first);
    const token = await sign(first);
    assertEquals(await verify(token), "accepted");
    publish(first, second);
    assertEquals(await verify(await sign(second)), "accepted");
    assertEquals(fetches(), 2);
    publish(second);
    await clock.advance(5 * MINUTE);
    assertEquals([await verify(token), await verify(await sign(second))], ["invalid_token", "accepted"]);
  });

  it("continues for an hour while the issuer cannot be reached, then reports that it is unavailable", async () => {
    const { sign, publish, answerWith, verify } = setUp();
    const emulator = emulated();
    publish(emulator);
    assertEquals(await verify(await sign(emulator)), "accepted");
    answerWith(() => Promise.reject(new TypeError("no route to host")));
    await clock.advance(59 * MINUTE);
    assertEquals(await verify(await sign(emulator)), "accepted");
    await clock.advance(2 * MINUTE);
    assertEquals(await verify(await sign(emulator)), "unavailable");
    publish(emulator);
    await clock.advance(1_000);
    assertEquals(await verify(await sign(emulator)), "accepted");
  });

  it("asks for an unknown key once a second, however many tokens name it", async () => {
    const { sign, publish, verify, fetches } = setUp();
    const [emulator, stranger] = [emulated(), emulated()];
    publish(emulator);
    for (let count = 0; count < 20; count++) {
      assertEquals(await verify(await sign(stranger, { jti: `oat_${count}` })), "invalid_token");
    }
    assertEquals(fetches(), 1);
    publish(emulator, stranger);
    await clock.advance(1_000);
    assertEquals([await verify(await sign(stranger)), fetches()], ["accepted", 2]);
  });

  for (
    const [what, answer] of [
      ["a redirect", () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1/" } })],
      ["a key set of more than 64 KiB", () => Response.json({ keys: [], padding: "x".repeat(64 * 1024) })],
      ["a page", () => new Response("<h1>Welcome</h1>")],
      ["an error", () => new Response(null, { status: 404 })],
      ["no keys", () => Response.json({ keys: [] })],
    ] as const
  ) {
    it(`treats ${what} as an outage, not as a verdict`, async () => {
      const { sign, answerWith, verify } = setUp();
      answerWith(answer);
      assertEquals(await verify(await sign(emulated())), "unavailable");
    });
  }

  it("asks an issuer again only when it allows, and tells callers so", async () => {
    const { auth, sign, answerWith, fetches } = setUp();
    answerWith(() => new Response(null, { status: 429, headers: { "retry-after": "30" } }));
    const emulator = emulated();
    const ask = async () => auth.authenticate(requestWith(await sign(emulator)), { onError() {} });
    const first = await ask();
    assertEquals(first.ok || first.response.headers.get("retry-after"), "30");
    await clock.advance(29_000);
    await ask();
    assertEquals(fetches(), 1);
    await clock.advance(1_000);
    await ask();
    assertEquals(fetches(), 2);
  });

  it("does not wait for an issuer that never responds", async () => {
    const { sign, answerWith, auth } = setUp({ requestTimeoutMs: 3_000 });
    answerWith(() => new Promise(() => {}));
    const token = await sign(emulated());
    assertEquals(await clock.passWhile(outcome(() => auth.verifyToken(token)), 3_000), "unavailable");
  });

  it("rejects what is signed by an unsupported kind of key", async () => {
    const { sign, answerWith, verify } = setUp();
    const emulator = emulated();
    const [key] = await keysOf(emulator);
    answerWith(() => Response.json({ keys: [{ ...key, e: "Aw" }] }));
    assertEquals(await verify(await sign(emulator)), "invalid_token");
  });

  it("gives the caller's resolver a client that says why it is unusable", async () => {
    const { auth, sign, publish } = setUp();
    const emulator = emulated();
    publish(emulator);
    const request = async () => requestWith(await sign(emulator));
    const errors: string[] = [];
    const onError = (error: unknown) => void errors.push((error as Error).message);
    const plain = handle({ auth, resolveIdentity: ({ tokenInfo }) => ({ sub: tokenInfo.subject }) });
    assertEquals((await plain(await request())).status, 200);
    const resolveIdentity = async ({ clerk, tokenInfo }: Parameters<typeof auth.resolveIdentity>[0]) => ({
      sub: (await clerk!.users.getUser(tokenInfo.subject)).id,
    });
    assertEquals((await handle({ auth, onError, resolveIdentity })(await request())).status, 500);
    assertEquals(errors, ["With 'jwtOnly' there is no Clerk client"]);
  });

  it("is a complete server without any variable", async () => {
    const { issuer, sign, publish } = setUp();
    const emulator = emulated();
    publish(emulator);
    const server = fetchHandler({ jwtOnly: true, issuer, clientIds: [CLIENT], healthPath: "/health" });
    const ask = (path: string, headers = {}) =>
      server.fetch(new Request(`https://api.example.com${path}`, { headers }), {});
    assertEquals((await ask("/health")).status, 200);
    assertEquals((await ask("/me", { authorization: `Bearer ${await sign(emulator)}` })).status, 200);
  });
});

describe("jwtOnly", () => {
  const needed = { jwtOnly: true, issuer: "https://clerk.example.com", clientIds: [CLIENT] };
  const client = { authenticateRequest: () => Promise.reject(new Error("not asked")) };
  const store = { get: () => null, set: () => {}, delete: () => {} };

  for (
    const [what, options] of [
      ["no issuer", { ...needed, issuer: undefined }],
      ["an issuer that is not https", { ...needed, issuer: "http://clerk.example.com" }],
      ["no applications", { ...needed, clientIds: undefined }],
      ["every application", { ...needed, clientIds: "any" }],
      ["an empty list of them", { ...needed, clientIds: [] }],
      ["lookup", { ...needed, lookup: true }],
      ["a store", { ...needed, cache: { ttlMs: 1_000, store } }],
      ["a client", { ...needed, client }],
      ["a secret key", { ...needed, clientConfig: { secretKey: "sk_test_1" } }],
      ["what is not a boolean", { ...needed, jwtOnly: "true" }],
    ] as const
  ) {
    it(`is rejected at once with ${what}`, async () => {
      const { code } = await caught(() => cliAuth(options as unknown as CliAuthFactoryOptions));
      assertEquals(code, "config");
    });
  }

  it("must be explicit: a lost secret key does not change what is accepted", async () => {
    const auth = createCliAuth({ issuer: needed.issuer, clientIds: [CLIENT] }, { variable: () => undefined });
    const token = await createEmulator().signJwt({ sub: "user_1", exp: 4e9 }, { typ: "at+jwt" });
    assertEquals((await caught(() => auth.verifyToken(token))).code, "config");
  });
});
