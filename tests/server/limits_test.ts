import { assert, assertEquals } from "@std/assert";
import { afterEach, describe, it } from "@std/testing/bdd";
import type { CliAuthOptions } from "@clerk/cli-auth/server";
import { createCliAuth } from "../doors/server.ts";
import { type Behavior, callsWithin, createBusyClerk } from "./support/busy_clerk.ts";
import { simulate, type Simulation } from "./support/simulation.ts";

const LIVE = "sk_live_1";
const DEVELOPMENT = "sk_test_1";

let simulation: Simulation;

/** A verifier in front of a Clerk that takes its time. */
function start({ secretKey = LIVE, options = {}, ...behavior }: Partial<Behavior> & {
  secretKey?: string;
  options?: CliAuthOptions;
} = {}) {
  simulation = simulate();
  const clerk = createBusyClerk(behavior);
  const auth = createCliAuth(
    { client: clerk.client, clientConfig: { secretKey }, ...options },
    { variable: () => undefined },
  );
  const counts: Record<string, number> = {};
  /** Verifies a token, and counts how that ends. */
  function verify(token: string, { source, as = "" }: { source?: string; as?: string } = {}): void {
    const count = (outcome: string) => {
      const name = `${as} ${outcome}`.trim();
      counts[name] = (counts[name] ?? 0) + 1;
    };
    auth.verifyToken(token, source === undefined ? {} : { source }).then(
      () => count("accepted"),
      ({ code, oauthError }) => count(oauthError ?? code),
    );
  }
  return { clerk, auth, verify, counts };
}

type Verify = ReturnType<typeof start>["verify"];

/** Does something at a steady rate. */
function repeat(
  { times, perSecond }: { times: number; perSecond: number },
  action: (index: number) => void,
): void {
  for (let index = 0; index < times; index++) {
    simulation.at(index * 1_000 / perSecond, () => action(index));
  }
}

/** The most calls within ten seconds. */
function busiest(calls: readonly number[]): number {
  return Math.max(...calls.map((at) => callsWithin(calls, at)));
}

describe("a cold start", () => {
  afterEach(() => simulation.end());

  it("accepts all of 1,000 good keys with a production key, 64 at a time", async () => {
    const { verify, counts, clerk } = start();
    for (let index = 0; index < 1_000; index++) verify(`ak_good_${index}`);
    await simulation.runTo(10_000);
    assertEquals(counts, { accepted: 1_000 });
    assertEquals([clerk.calls.length, clerk.mostAtOnce, clerk.limited], [1_000, 64, 0]);
  });

  it("makes good keys wait for Clerk's limit of a development key, and refuses none before the deadline", async () => {
    const { verify, counts, clerk } = start({ secretKey: DEVELOPMENT, limit: 100 });
    for (let index = 0; index < 150; index++) verify(`ak_good_${index}`);
    await simulation.runTo(9_900);
    assertEquals(counts, { accepted: 100 });
    await simulation.runTo(10_000);
    assertEquals(counts, { accepted: 100, unavailable: 50 });
    assertEquals(clerk.limited, 0);
  });

  it("serves those that wait as soon as Clerk's limit allows", async () => {
    const options = { requestTimeoutMs: 30_000 };
    const { verify, counts, clerk } = start({ secretKey: DEVELOPMENT, limit: 100, options });
    for (let index = 0; index < 250; index++) verify(`ak_good_${index}`);
    await simulation.runTo(23_000);
    assertEquals(counts, { accepted: 250 });
    assertEquals([busiest(clerk.calls), clerk.limited], [100, 0]);
  });

  it("holds up no key that was accepted before", async () => {
    const { verify, counts } = start({ secretKey: DEVELOPMENT });
    verify("ak_good_known");
    await simulation.runTo(100);
    for (let index = 0; index < 150; index++) verify(`ak_good_${index}`);
    for (let count = 0; count < 5; count++) {
      verify("ak_good_known", { as: "known:" });
      await simulation.runTo(200 + 100 * count);
    }
    assertEquals(counts["known: accepted"], 5);
  });

  it("gives up at once if 1,000 are waiting", async () => {
    const { verify, counts } = start({ trouble: "hangs" });
    for (let index = 0; index < 1_100; index++) verify(`ak_good_${index}`);
    await simulation.runTo(1_000);
    assertEquals(counts, { unavailable: 1_100 - 1_000 - 64 });
  });

  it("forgets a call whose request was cancelled, so that it holds up nobody for good", async () => {
    const { verify, counts, clerk } = start({ trouble: "hangs", options: { requestTimeoutMs: 1_000 } });
    simulation.loseTimers();
    for (let index = 0; index < 64; index++) verify(`ak_good_lost_${index}`);
    await simulation.runTo(0);
    simulation.keepTimers();
    clerk.behavior.trouble = undefined;
    await simulation.runTo(2_000);
    verify("ak_good_1");
    await simulation.runTo(2_100);
    assertEquals(counts, { accepted: 1 });
  });
});

const MINUTE_MS = 60_000;

/** Junk at a rate, from as many sources, and five new users a second, each from a source of its own, for a minute. */
function attack(
  { verify }: { verify: Verify },
  { perSecond, sources }: { perSecond: number; sources: number },
): void {
  repeat({ times: 60 * perSecond, perSecond }, (index) => {
    verify(`ak_junk_${index}`, { source: `attacker ${index % sources}`, as: "junk:" });
  });
  repeat({ times: 300, perSecond: 5 }, (index) => {
    verify(`ak_good_${index}`, { source: `user ${index}`, as: "new:" });
  });
}

describe("junk", () => {
  afterEach(() => simulation.end());

  for (const secretKey of [LIVE, DEVELOPMENT]) {
    for (const perSecond of [20, 40, 400]) {
      it(`of one source, ${perSecond} a second, holds up nobody else: ${secretKey}`, async () => {
        const { verify, counts, clerk } = start({ secretKey, limit: secretKey === LIVE ? 1_000 : 100 });
        attack({ verify }, { perSecond, sources: 1 });
        await simulation.runTo(MINUTE_MS);
        const { "junk: unavailable": _, "junk: invalid_token": rejected, ...others } = counts;
        assertEquals(others, { "new: accepted": 300 });
        assertEquals(clerk.limited, 0);
        assert(rejected! < 70, `${rejected} rejected`);
      });
    }
  }

  it("without a source, 40 a second, holds up nobody with a production key", async () => {
    const { verify, counts } = start();
    repeat({ times: 2_400, perSecond: 40 }, (index) => verify(`ak_junk_${index}`, { as: "junk:" }));
    repeat({ times: 300, perSecond: 5 }, (index) => verify(`ak_good_${index}`, { as: "new:" }));
    await simulation.runTo(MINUTE_MS + 1_000);
    assertEquals(counts, { "junk: invalid_token": 2_400, "new: accepted": 300 });
  });

  for (const perSecond of [20, 40]) {
    it(`of a thousand sources, ${perSecond} a second, holds up no new user with a production key`, async () => {
      const { verify, counts } = start();
      attack({ verify }, { perSecond, sources: 1_000 });
      await simulation.runTo(MINUTE_MS + 1_000);
      assertEquals([counts["new: accepted"], counts["new: unavailable"]], [300, undefined]);
    });
  }

  it("of a thousand sources, 400 a second, holds up new users for seconds, and sources with a record never", async () => {
    const { verify, counts, clerk } = start();
    for (let index = 0; index < 20; index++) verify(`ak_good_record_${index}`, { source: `office ${index}` });
    simulation.at(1_000, () => {});
    await simulation.runTo(1_000);
    attack({ verify }, { perSecond: 400, sources: 1_000 });
    repeat({ times: 120, perSecond: 2 }, (index) => {
      verify(`ak_good_office_${index}`, { source: `office ${index % 20}`, as: "office:" });
      verify("ak_good_record_0", { source: "attacker 1", as: "known:" });
    });
    await simulation.runTo(MINUTE_MS + 1_000);
    assertEquals([counts["office: accepted"], counts["known: accepted"]], [120, 120]);
    assert(counts["new: accepted"]! >= 285, `${counts["new: accepted"]} of 300`);
    assertEquals(clerk.limited, 0);
  });
});
