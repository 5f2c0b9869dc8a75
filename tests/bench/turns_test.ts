import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Line } from "../../bench/bench.ts";
import { takeTurns } from "../../bench/turns.ts";

/** Subjects that record when they are measured, take a second each, and return how often they were measured. */
function noting(every: Record<string, number | undefined>) {
  const log: string[] = [];
  const lines = Object.entries(every).map(([label, every]): Line => {
    let count = 0;
    const measure = () => {
      log.push(label);
      return Promise.resolve({ value: count++ });
    };
    return { label, measure, ...(every !== undefined && { every }) };
  });
  return { log, lines, now: () => log.length * 1000 };
}

describe("takeTurns()", () => {
  it("measures each subject once per round, until time is up", async () => {
    const { log, lines, now } = noting({ own: undefined, peer: undefined });
    await takeTurns(lines, { seconds: 20, now });
    assertEquals(log.length, 20);
    for (let at = 0; at < log.length; at += 2) assertEquals(log.slice(at, at + 2).sort(), ["own", "peer"]);
  });

  it("measures at least five rounds, however long they take", async () => {
    const { lines, now } = noting({ own: undefined });
    assertEquals((await takeTurns(lines, { seconds: 1, now })).get(lines[0]!)?.length, 5);
  });

  it("varies who is first and last, since some leave work behind for the next", async () => {
    const { log, lines, now } = noting({ own: undefined, floor: undefined, peer: undefined });
    await takeTurns(lines, { seconds: 300, now });
    const places = [0, 1, 2].map((place) => new Set(log.filter((_, index) => index % 3 === place)));
    assertEquals(places.map(({ size }) => size), [3, 3, 3]);
  });

  it("measures one subject at a time", async () => {
    let running = 0;
    const measure = async () => {
      running++;
      await Promise.resolve();
      assert(running === 1);
      return { value: running-- };
    };
    const lines = [{ label: "own", measure }, { label: "peer", measure }];
    await takeTurns(lines, { seconds: 0 });
  });

  it("does not count the first round, which fills caches", async () => {
    const { lines, now } = noting({ own: undefined });
    const samples = await takeTurns(lines, { seconds: 0, now });
    assertEquals(samples.get(lines[0]!)?.map((sample) => sample?.value), [1, 2, 3, 4, 5]);
  });

  it("lets slow subjects skip rounds, but not the first one", async () => {
    const { lines, now } = noting({ own: undefined, peer: 3 });
    const samples = await takeTurns(lines, { seconds: 0, now });
    assertEquals(samples.get(lines[1]!)?.map((sample) => sample?.value), [
      1,
      undefined,
      undefined,
      2,
      undefined,
    ]);
  });
});
