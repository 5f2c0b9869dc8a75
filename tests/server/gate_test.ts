import { assertEquals, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { Gate, invalidToken, UnavailableError } from "../doors/server.ts";
import { caught } from "../harness/caught.ts";
import { simulate, type Simulation } from "./support/simulation.ts";

const limitedFor = (retryAfterMs: number) => () =>
  Promise.reject(new UnavailableError("limited", { clerkStatus: 429, retryAfterMs }));
const good = () => Promise.resolve("good");
const bad = () => Promise.reject(invalidToken("bad"));

describe("Gate", () => {
  let simulation: Simulation;
  let gate: Gate;
  beforeEach(() => {
    simulation = simulate();
    gate = new Gate({ secretKey: "sk_live_1", timeoutMs: 10_000, now: Date.now });
  });
  afterEach(() => simulation.end());

  /** Asks about a token, and says how that ends. */
  async function ask(key: string, call: () => Promise<string>): Promise<string> {
    try {
      return await gate.run({ key }, (ask) => ask("endpoint", call));
    } catch (error) {
      const { message, retryAfterMs } = error as UnavailableError;
      return retryAfterMs === undefined ? message : `${message}, ${retryAfterMs} ms`;
    }
  }

  const PAUSED = "Clerk limits how often it can be asked";

  it("pauses for as long as Clerk asks, and asks callers to do so", async () => {
    assertEquals(await ask("ak_1", limitedFor(7_000)), `${PAUSED}, 7000 ms`);
    await simulation.runTo(6_000);
    assertEquals(await ask("ak_1", good), `${PAUSED}, 1000 ms`);
    await simulation.runTo(7_000);
    assertEquals(await ask("ak_1", good), "good");
  });

  it("says why it pauses", async () => {
    const error = new UnavailableError("limited", { clerkStatus: 429 });
    const { cause } = await caught(() =>
      gate.run({ key: "ak_1" }, (ask) => ask("endpoint", () => Promise.reject(error)))
    );
    assertStrictEquals(cause, error);
  });

  it("waits for the longest of several pauses", async () => {
    await Promise.all([ask("ak_1", limitedFor(7_000)), ask("ak_2", limitedFor(1_000))]);
    await simulation.runTo(1_000);
    assertEquals(await ask("ak_1", good), `${PAUSED}, 6000 ms`);
  });

  it("spares known tokens while unknown ones pause", async () => {
    await ask("ak_known", good);
    await ask("ak_1", limitedFor(7_000));
    assertEquals(await ask("ak_known", good), "good");
    assertEquals(await ask("ak_2", good), `${PAUSED}, 7000 ms`);
  });

  it("pauses all if Clerk limits what it is asked about a known token", async () => {
    await ask("ak_known", good);
    await ask("ak_known", limitedFor(7_000));
    assertEquals(await ask("ak_known", good), `${PAUSED}, 7000 ms`);
    assertEquals(await ask("ak_1", good), `${PAUSED}, 7000 ms`);
  });

  it("does not count a token as known that was rejected since", async () => {
    await ask("ak_known", good);
    assertEquals(await ask("ak_known", bad), "bad");
    await ask("ak_1", limitedFor(7_000));
    assertEquals(await ask("ak_known", good), `${PAUSED}, 7000 ms`);
  });

  it("halves the limit of unknown tokens when Clerk limits them, and gives it back within a minute", async () => {
    let count = 0;
    /** How many of 1,000 unknown tokens are asked about at once. */
    async function asked(): Promise<number> {
      let calls = 0;
      const call = () => (calls++, good());
      for (let index = 0; index < 1_000; index++) void ask(`ak_${count++}`, call);
      await simulation.runTo(simulation.seconds() * 1_000);
      return calls;
    }
    // Two at once halve it once; they count too.
    await Promise.all([ask("ak_limited_1", limitedFor(0)), ask("ak_limited_2", limitedFor(0))]);
    assertEquals(await asked(), 498);
    await simulation.runTo(60_000);
    assertEquals(await asked(), 1_000);
  });

  it("counts every call that a question needs", async () => {
    const twice = (announce: () => void) => (announce(), good());
    for (let count = 0; count < 500; count++) {
      await gate.run({ key: `ak_${count}` }, (ask) => ask("endpoint", twice));
    }
    let isAsked = false;
    void ask("ak_500", () => (isAsked = true, good()));
    await simulation.runTo(10_000);
    assertEquals(isAsked, false);
  });

  it("charges a rejection for every call that it took", async () => {
    const twice = (announce: () => void) => (announce(), bad());
    const outcomes: string[] = [];
    for (let count = 0; count < 9; count++) {
      const question = { key: `ak_${count}`, source: "203.0.113.9" };
      outcomes.push((await caught(() => gate.run(question, (ask) => ask("endpoint", twice)))).code);
    }
    assertEquals(outcomes, [...Array(8).fill("not_authenticated"), "unavailable"]);
  });

  it("counts nothing that Clerk was not called for", async () => {
    for (let count = 0; count < 2_000; count++) {
      await gate.run({ key: `ak_${count}` }, () => Promise.resolve("found elsewhere"));
    }
    assertEquals(await ask("ak_1", good), "good");
  });

  it("holds nobody up when the clock is set back", async () => {
    const calls = Array.from({ length: 1_000 }, (_, index) => ask(`ak_${index}`, good));
    await Promise.all(calls);
    simulation.setBack(3_600_000);
    assertEquals(await ask("ak_another", good), "good");
  });
});
