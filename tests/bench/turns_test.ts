import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Subject, takeTurns } from "../../bench/measure/take_turns.ts";

/** Subjects that note when they are measured, and measure how often they were before. */
function noting(every: Record<string, number | undefined>) {
  const log: string[] = [];
  const subjects = Object.entries(every).map(([name, every]): [string, Subject] => {
    let count = 0;
    const measure = () => {
      log.push(name);
      return Promise.resolve(count++);
    };
    return [name, { measure, every }];
  });
  return { log, subjects: Object.fromEntries(subjects) };
}

describe("takeTurns()", () => {
  it("measures each once a round", async () => {
    const { log, subjects } = noting({ own: undefined, peer: undefined });
    await takeTurns(subjects, { rounds: 2, warmUp: 0 });
    assertEquals([log.slice(0, 2).sort(), log.slice(2).sort()], [["own", "peer"], ["own", "peer"]]);
  });

  it("lets each come first and last at times, since some leave work behind for the next", async () => {
    const { log, subjects } = noting({ own: undefined, floor: undefined, peer: undefined });
    await takeTurns(subjects, { rounds: 100, warmUp: 0 });
    const places = [0, 1, 2].map((place) => new Set(log.filter((_, index) => index % 3 === place)));
    assertEquals(places.map(({ size }) => size), [3, 3, 3]);
  });

  it("measures one after the other", async () => {
    let running = 0;
    const measure = async () => {
      running++;
      await new Promise((resolve) => setTimeout(resolve));
      return running--;
    };
    const samples = await takeTurns({ own: { measure }, peer: { measure } }, { rounds: 2 });
    assertEquals(samples, { own: [1, 1], peer: [1, 1] });
  });

  it("does not count the rounds that warm up", async () => {
    const { subjects } = noting({ own: undefined });
    assertEquals(await takeTurns(subjects, { rounds: 3, warmUp: 2 }), { own: [2, 3, 4] });
  });

  it("warms up once by default", async () => {
    const { subjects } = noting({ own: undefined });
    assertEquals(await takeTurns(subjects, { rounds: 1 }), { own: [1] });
  });

  it("lets what is slow sit rounds out, but not the first one", async () => {
    const { subjects } = noting({ own: undefined, peer: 3 });
    assertEquals(await takeTurns(subjects, { rounds: 5 }), {
      own: [1, 2, 3, 4, 5],
      peer: [1, null, null, 2, null],
    });
  });
});
