import { serveOrigin } from "./support/routed_fetch.ts";
import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { ClerkClientLike, CliAuthFactoryOptions } from "@clerk/cli-auth/server";
import { createEmulator } from "@clerk/cli-auth/testing";
import { createCliAuth } from "../doors/server.ts";
import type { FakeClock } from "../harness/fake_clock.ts";
import { installSystemClock } from "./support/clock.ts";
import { reuseKeyPairs } from "./support/key_pairs.ts";
import { outcome } from "./support/outcome.ts";

const FIVE_MINUTES = 5 * 60_000;

type Options = (
  config: { secretKey: string; apiUrl: string; telemetry: { disabled: true } },
) => Promise<CliAuthFactoryOptions<ClerkClientLike>>;

const CLIENTS: Record<string, Options> = {
  "its own client": (clientConfig) => Promise.resolve({ clientConfig }),
  "a client of the caller's": async (clientConfig) => ({ client: await createClient(clientConfig) }),
  "a client that hands out no keys": async (clientConfig) => {
    const { authenticateRequest } = await createClient(clientConfig);
    return { client: { authenticateRequest } };
  },
};

/** Loaded late: see routed_fetch.ts. */
async function createClient(config: Parameters<Options>[0]) {
  return (await import("@clerk/backend")).createClerkClient(config);
}

let clock: FakeClock;

/** A backend at an instance that replaces its key. */
async function setUp(options: Options) {
  const [first, second] = [
    createEmulator({ signingKey: "instance" }),
    createEmulator({ signingKey: "instance" }),
  ];
  let published = [first];
  const jwks = async () => {
    const sets = await Promise.all(
      published.map(async ({ fetch }) =>
        (await fetch(new Request("http://127.0.0.1/.well-known/jwks.json"))).json()
      ),
    );
    // With the content type that @clerk/backend insists on: Bun's own has a charset.
    const headers = { "content-type": "application/json" };
    return new Response(JSON.stringify({ keys: sets.flatMap(({ keys }) => keys) }), { headers });
  };
  const clientConfig = {
    secretKey: "sk_test_1",
    apiUrl: serveOrigin(jwks),
    telemetry: { disabled: true },
  } as const;
  const auth = createCliAuth({ ...await options(clientConfig), clientIds: "any" }, {
    variable: () => undefined,
  });
  const sign = (emulator: typeof first, header: Record<string, unknown> = {}) => {
    const seconds = Math.floor(Date.now() / 1_000);
    const claims = { sub: "user_1", iat: seconds, exp: seconds + 3_600 };
    return emulator.signJwt(claims, { typ: "at+jwt", kid: emulator.instanceId, ...header });
  };
  return {
    first,
    second,
    sign,
    publish: (...emulators: (typeof first)[]) => void (published = emulators),
    /** Lets the short waits pass. */
    verify: (token: string) => clock.passWhile(outcome(() => auth.verifyToken(token)), 100),
  };
}

describe("a key of the instance", () => {
  let generateKeys: () => void;

  beforeEach(() => {
    clock = installSystemClock();
    generateKeys = reuseKeyPairs();
  });
  afterEach(() => {
    generateKeys();
    clock.uninstall();
  });

  for (const [whose, options] of Object.entries(CLIENTS)) {
    it(`no longer verifies anything, cached or not, five minutes after its removal: ${whose}`, async () => {
      const { first, second, sign, publish, verify } = await setUp(options);
      assertEquals(await verify(await sign(first)), "accepted");
      await clock.advance(FIVE_MINUTES - 1_000);
      const token = await sign(first);
      assertEquals(await verify(token), "accepted");
      publish(second);
      // A client that hands out no keys has some of its own, whose age nobody knows.
      await clock.advance(whose.endsWith("no keys") ? FIVE_MINUTES : 1_000);
      assertEquals(await verify(token), "invalid_token");
    });

    it(`is found as soon as it is published, however many unknown ones are named: ${whose}`, async () => {
      const { first, second, sign, publish, verify } = await setUp(options);
      for (const emulator of [first, second]) {
        publish(emulator);
        for (let count = 0; count < 20; count++) {
          assertEquals(await verify(await sign(first, { kid: `ins_${count}` })), "invalid_token");
        }
        assertEquals(await verify(await sign(emulator)), "accepted");
      }
    });
  }
});
