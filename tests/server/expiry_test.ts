import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type CliAuthFactoryOptions, memoryCache } from "@clerk/cli-auth/server";
import { createCliAuth } from "../doors/server.ts";
import { createClock } from "./support/clock.ts";
import { type Instance, startInstance } from "./support/instance.ts";
import { outcome } from "./support/outcome.ts";

const LIFETIME_MS = 10_000;
const TTL_MS = 50 * 60_000;

type Kind = "API key" | "opaque access token";
type Options = (instance: Instance) => CliAuthFactoryOptions | Promise<CliAuthFactoryOptions>;

const CLIENTS: Record<string, Options> = {
  "its own client": ({ clientConfig }) => ({ clientConfig }),
  "a client of the caller's": async ({ createClient }) => ({ client: await createClient() }),
};

/** An instance and verifiers for it, all on one clock. */
async function setUp(kind: Kind, options: Options, lifetimeSeconds: number | null = LIFETIME_MS / 1_000) {
  const clock = createClock();
  const instance = startInstance(clock);
  const { emulator, clientConfig: { secretKey }, calls } = instance;
  const store = memoryCache();
  const own = await options(instance);
  emulator.behavior.accessTokenLifetimeSeconds = lifetimeSeconds ?? 86_400;
  return {
    clock,
    calls,
    token: kind === "API key"
      ? emulator.createApiKey({ secondsUntilExpiration: lifetimeSeconds }).secret
      : (await emulator.issueTokens({ format: "opaque" })).accessToken,
    createAuth: () =>
      createCliAuth(
        { clientConfig: { secretKey }, ...own, clientIds: "any", cache: { ttlMs: TTL_MS, store } },
        { variable: () => undefined, now: clock.now },
      ),
  };
}

describe("an expiry that Clerk announces", () => {
  for (const [whose, options] of Object.entries(CLIENTS)) {
    for (const kind of ["API key", "opaque access token"] as const) {
      it(`holds in the cache, in this process and outside: ${kind}, ${whose}`, async () => {
        const { clock, calls, token, createAuth } = await setUp(kind, options);
        const auth = createAuth();
        await auth.verifyToken(token);
        const before = calls();
        clock.advance(LIFETIME_MS - 1);
        for (const verifier of [auth, createAuth()]) {
          assertEquals(await outcome(() => verifier.verifyToken(token)), "accepted");
        }
        assertEquals(calls(), before);
        clock.advance(1);
        for (const verifier of [auth, createAuth()]) {
          assertEquals(await outcome(() => verifier.verifyToken(token)), "invalid_token");
        }
      });
    }

    it(`does not shorten a life that has no end: ${whose}`, async () => {
      const { clock, calls, token, createAuth } = await setUp("API key", options, null);
      const auth = createAuth();
      assertEquals("expiresAt" in await auth.verifyToken(token), false);
      const before = calls();
      clock.advance(TTL_MS - 1);
      await auth.verifyToken(token);
      assertEquals(calls(), before);
    });
  }

  for (const kind of ["API key", "opaque access token"] as const) {
    it(`is returned in milliseconds, whatever Clerk's unit: ${kind}`, async () => {
      const { clock, token, createAuth } = await setUp(kind, CLIENTS["its own client"]!);
      const auth = createAuth();
      for (let round = 0; round < 2; round++) {
        assertEquals((await auth.verifyToken(token)).expiresAt, clock.now() + LIFETIME_MS);
      }
    });
  }

  it("is not found for a key revoked before it is asked for, which is rejected", async () => {
    const clock = createClock();
    const instance = startInstance(clock);
    const key = instance.emulator.createApiKey();
    const real = await instance.createClient();
    const client = Object.assign(Object.create(real), {
      async authenticateRequest(...args: Parameters<typeof real.authenticateRequest>) {
        const state = await real.authenticateRequest(...args);
        key.revoked = true;
        return state;
      },
    });
    const { clientConfig: { secretKey } } = instance;
    const auth = createCliAuth(
      { clientConfig: { secretKey }, client, clientIds: "any", cache: { ttlMs: TTL_MS } },
      { variable: () => undefined, now: clock.now },
    );
    assertEquals(await outcome(() => auth.verifyToken(key.secret)), "invalid_token");
  });
});
