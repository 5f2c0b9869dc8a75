import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type ClerkClientLike, RateLimitPause, UnavailableError } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { createClock } from "./support/clock.ts";

const LIMITED = new UnavailableError("limited", { clerkStatus: 429 });
const API_KEY = { token: "ak_1", type: "api_key" } as const;

function clientThat(verify: () => Promise<unknown>): ClerkClientLike {
  return {
    authenticateRequest: () => Promise.reject(),
    apiKeys: { verify },
    idPOAuthAccessToken: { verify },
  };
}

const limiting = (retryAfter?: number) =>
  clientThat(() => Promise.reject({ clerkError: true, errors: [], status: 429, retryAfter }));

describe("RateLimitPause", () => {
  for (const credential of [API_KEY, { token: "oat_1", type: "oauth_token" } as const]) {
    it(`lasts as long as Clerk asks: ${credential.type}`, async () => {
      const clock = createClock();
      const pause = new RateLimitPause(clock.now);
      const error = await pause.beginFor(LIMITED, limiting(7), credential);
      assert(error instanceof UnavailableError);
      assertEquals([error.message, error.retryAfterMs, error.cause], [
        "Clerk limits how often it can be asked",
        7_000,
        LIMITED,
      ]);
      clock.advance(6_000);
      const remaining = await caught(() => pause.assertOver());
      assertEquals((remaining as UnavailableError).retryAfterMs, 1_000);
      clock.advance(1_000);
      pause.assertOver();
    });
  }

  for (
    const [what, client] of [
      ["does not say for how long", limiting()],
      ["limits us no more", clientThat(() => Promise.resolve({}))],
      ["cannot be asked", { authenticateRequest: () => Promise.reject() }],
    ] as const
  ) {
    it(`lasts a second if Clerk ${what}`, async () => {
      const clock = createClock();
      const pause = new RateLimitPause(clock.now);
      await pause.beginFor(LIMITED, client, API_KEY);
      clock.advance(999);
      await caught(() => pause.assertOver());
      clock.advance(1);
      pause.assertOver();
    });
  }

  it("lasts a minute at most, and ignores anything but a number", async () => {
    for (
      const [retryAfter, lastsMs] of [[31_536_000, 60_000], [Infinity, 60_000], [NaN, 1_000], [-1, 1_000]]
    ) {
      const clock = createClock();
      const pause = new RateLimitPause(clock.now);
      await pause.beginFor(LIMITED, limiting(retryAfter), API_KEY);
      clock.advance((lastsMs ?? 0) - 1);
      await caught(() => pause.assertOver());
      clock.advance(1);
      pause.assertOver();
    }
  });

  it("does not begin for anything else", async () => {
    const pause = new RateLimitPause(createClock().now);
    for (const error of [new Error("other"), new UnavailableError("down", { clerkStatus: 503 })]) {
      assertStrictEquals(await pause.beginFor(error, limiting(7), API_KEY), error);
      pause.assertOver();
    }
  });
});
