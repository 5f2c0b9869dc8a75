import { assert, assertEquals } from "@std/assert";
import { afterEach, describe, it } from "@std/testing/bdd";
import type { CliAuthFactoryOptions } from "@clerk/cli-auth/server";
import { createCliAuth } from "../doors/server.ts";
import { type Behavior, callsWithin, createBusyClerk } from "./support/busy_clerk.ts";
import { simulate, type Simulation } from "./support/simulation.ts";

const LIVE = "sk_live_1";
const DEVELOPMENT = "sk_test_1";

let simulation: Simulation;

/** A verifier in front of a Clerk that takes its time. */
function start({ secretKey = LIVE, options = {}, ...behavior }: Partial<Behavior> & {
  secretKey?: string;
  options?: CliAuthFactoryOptions;
} = {}) {
  simulation = simulate();
  const clerk = createBusyClerk(behavior);
  const auth = createCliAuth(
    { client: clerk.client, clientConfig: { secretKey }, clientIds: "any", ...options },
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

  it("delays no key that was accepted before", async () => {
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

/** How long an attack lasts. */
const ATTACK_MS = 30_000;

/** Junk at a rate, from as many sources, and five new users a second, each from a source of its own. */
function attack(
  { verify }: { verify: Verify },
  { perSecond, sources }: { perSecond: number; sources: number },
): void {
  repeat({ times: 30 * perSecond, perSecond }, (index) => {
    verify(`ak_junk_${index}`, { source: `attacker ${index % sources}`, as: "junk:" });
  });
  repeat({ times: 150, perSecond: 5 }, (index) => {
    verify(`ak_good_${index}`, { source: `user ${index}`, as: "new:" });
  });
}

describe("junk", () => {
  afterEach(() => simulation.end());

  for (
    const [name, { secretKey, limit, perSecond }] of [
      ["from one source, 20 a second, delays nobody else", { secretKey: LIVE, limit: 1_000, perSecond: 20 }],
      ["from one source, 400 a second, delays nobody else", {
        secretKey: LIVE,
        limit: 1_000,
        perSecond: 400,
      }],
      ["from one source, 40 a second, delays nobody else with a development key", {
        secretKey: DEVELOPMENT,
        limit: 100,
        perSecond: 40,
      }],
    ] as const
  ) {
    it(name, async () => {
      const { verify, counts, clerk } = start({ secretKey, limit });
      attack({ verify }, { perSecond, sources: 1 });
      await simulation.runTo(ATTACK_MS + 1_000);
      const { "junk: unavailable": _, "junk: invalid_token": rejected, ...others } = counts;
      assertEquals(others, { "new: accepted": 150 });
      assertEquals(clerk.limited, 0);
      assert(rejected! < 50, `${rejected} rejected`);
    });
  }

  it("without a source, 40 a second, delays nobody with a production key", async () => {
    const { verify, counts } = start();
    repeat({ times: 1_200, perSecond: 40 }, (index) => verify(`ak_junk_${index}`, { as: "junk:" }));
    repeat({ times: 150, perSecond: 5 }, (index) => verify(`ak_good_${index}`, { as: "new:" }));
    await simulation.runTo(ATTACK_MS + 1_000);
    assertEquals(counts, { "junk: invalid_token": 1_200, "new: accepted": 150 });
  });

  it("from a thousand sources, 40 a second, delays no new user with a production key", async () => {
    const { verify, counts } = start();
    attack({ verify }, { perSecond: 40, sources: 1_000 });
    await simulation.runTo(ATTACK_MS + 1_000);
    assertEquals([counts["new: accepted"], counts["new: unavailable"]], [150, undefined]);
  });

  it("from a thousand sources, 400 a second, delays new users for seconds, and known sources never", async () => {
    const { verify, counts, clerk } = start();
    for (let index = 0; index < 20; index++) verify(`ak_good_record_${index}`, { source: `office ${index}` });
    await simulation.runTo(1_000);
    attack({ verify }, { perSecond: 400, sources: 1_000 });
    repeat({ times: 58, perSecond: 2 }, (index) => {
      verify(`ak_good_office_${index}`, { source: `office ${index % 20}`, as: "office:" });
      verify("ak_good_record_0", { source: "attacker 1", as: "known:" });
    });
    await simulation.runTo(ATTACK_MS + 1_000);
    assertEquals([counts["office: accepted"], counts["known: accepted"]], [58, 58]);
    assert(counts["new: accepted"]! >= 135, `${counts["new: accepted"]} of 150`);
    assertEquals(clerk.limited, 0);
  });
});

describe("an outage of Clerk", () => {
  afterEach(() => simulation.end());

  for (
    const [trouble, outcome] of [
      ["down", "unavailable"],
      ["hangs", "unavailable"],
      ["refuses our key", "config"],
    ] as const
  ) {
    it(`is met with 20 calls in ten seconds at most, whatever is asked: ${trouble}`, async () => {
      const { verify, counts, clerk } = start({ options: { requestTimeoutMs: 2_000 } });
      for (let index = 0; index < 10; index++) verify(`ak_good_known_${index}`);
      await simulation.runTo(1_000);
      clerk.behavior.trouble = trouble;
      repeat({ times: 2_200, perSecond: 50 }, (index) => {
        verify(`ak_junk_${index}`, { source: `attacker ${index % 100}`, as: "junk:" });
        verify(`ak_good_${index}`, { as: "new:" });
        verify(`ak_good_known_${index % 10}`, { as: "known:" });
      });
      await simulation.runTo(4_000);
      const before = clerk.calls.length;
      assert(before < 200, `${before} calls until it was noticed`);
      await simulation.runTo(44_000);
      const calls = clerk.calls.slice(before);
      assert(
        busiest(calls) <= 20 && calls.length >= 4,
        `${calls.length} calls, ${busiest(calls)} in ten seconds`,
      );
      const outcomes = ["accepted", `junk: ${outcome}`, `known: ${outcome}`, `new: ${outcome}`];
      assertEquals(Object.keys(counts).sort(), outcomes);
      clerk.behavior.trouble = undefined;
      await simulation.runTo(56_000);
      verify("ak_good_last", { as: "last:" });
      await simulation.runTo(57_000);
      assertEquals(counts["last: accepted"], 1);
    });
  }

  it("that limits us is met with a pause, after which everything goes on", async () => {
    const { verify, counts, clerk } = start({ limit: 0 });
    for (let index = 0; index < 64; index++) verify(`ak_good_${index}`);
    await simulation.runTo(500);
    assertEquals(counts, { unavailable: 64 });
    clerk.behavior.limit = 1_000;
    verify("ak_good_early", { as: "early:" });
    await simulation.runTo(1_500);
    for (let index = 0; index < 64; index++) verify(`ak_good_${index}`, { as: "again:" });
    await simulation.runTo(2_000);
    assertEquals(counts, { unavailable: 64, "early: unavailable": 1, "again: accepted": 64 });
  });
});

describe("lookup", () => {
  afterEach(() => simulation.end());

  /** Verifies good keys and looks up their owners. */
  function lookUp({ auth, counts }: ReturnType<typeof start>, keys: readonly string[]): void {
    for (const key of keys) {
      auth.verifyToken(key).then((tokenInfo) => auth.resolveAuthInfo({ tokenInfo })).then(
        () => "looked up",
        ({ code }) => code as string,
      ).then((outcome) => counts[outcome] = (counts[outcome] ?? 0) + 1);
    }
  }

  it("keeps to Clerk's limit, together with the verification", async () => {
    const world = start({
      secretKey: DEVELOPMENT,
      limit: 100,
      options: { lookup: true, requestTimeoutMs: 30_000 },
    });
    lookUp(world, Array.from({ length: 100 }, (_, index) => `ak_good_${index}`));
    await simulation.runTo(40_000);
    assertEquals(world.counts, { "looked up": 100 });
    assertEquals([busiest(world.clerk.calls), world.clerk.limited], [100, 0]);
  });

  it("is stopped while it fails, and verification goes on", async () => {
    const world = start({ forgetsUsers: true, options: { lookup: true } });
    repeat({ times: 400, perSecond: 20 }, (index) => lookUp(world, [`ak_good_${index}`]));
    await simulation.runTo(10_000);
    const { lookups } = world.clerk;
    assert(lookups >= 5 && lookups <= 20, `${lookups} lookups in ten seconds`);
    await simulation.runTo(21_000);
    assertEquals(world.counts, { unavailable: 400 });
    assertEquals(world.clerk.calls.length, 400 + world.clerk.lookups);
  });
});
