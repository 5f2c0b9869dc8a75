import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Line, Topic } from "../../bench/bench.ts";
import { summarize } from "../../bench/report/summary.ts";

const TOPIC: Topic = { name: "token", title: "Token", about: "", measure: () => Promise.resolve([]) };

function linesOf(lines: Line[]) {
  return summarize(TOPIC, [{ label: "Node", unit: "ms", lines }]).groups[0]!.lines;
}

describe("summarize()", () => {
  it("says of each line how often it is the floor, and of a peer how often this package is it", () => {
    const lines = linesOf([
      { label: "bare", role: "floor", samples: [10, 10, 20] },
      { label: "ours", role: "own", samples: [12, 12, 24] },
      { label: "theirs", role: "peer", samples: [24, 24, 48] },
    ]);
    assertEquals(lines.map(({ overFloor, ownOverThis }) => [overFloor, ownOverThis]), [
      [undefined, undefined],
      [1.2, undefined],
      [2.4, 0.5],
    ]);
  });

  it("gives the median and what the middle half lies between", () => {
    const [line] = linesOf([{ label: "ours", role: "own", samples: [5, 1, 3, 2, 4] }]);
    assertEquals([line?.median, line?.low, line?.high, line?.samples], [3, 2, 4, 5]);
  });

  it("sums up the rounds that a line took part in", () => {
    const [, peer] = linesOf([
      { label: "ours", role: "own", samples: [1, 100, 3] },
      { label: "theirs", role: "peer", samples: [2, null, 6] },
    ]);
    assertEquals([peer?.median, peer?.samples, peer?.ownOverThis], [4, 2, 0.5]);
  });

  it("gives the latencies of single calls where they were looked at", () => {
    const latencies = { p50: [10, 30, 20], p99: [100, 300, 200] };
    const [with_, without] = linesOf([
      { label: "ours", role: "own", samples: [1], latencies },
      { label: "theirs", role: "peer", samples: [1] },
    ]);
    assertEquals([with_?.p50, with_?.p99, without?.p50], [20, 200, undefined]);
  });

  it("makes no ratio to what costs nothing", () => {
    const [, peer] = linesOf([
      { label: "ours", role: "own", samples: [3] },
      { label: "theirs", role: "peer", samples: [-0.2] },
    ]);
    assertEquals(peer?.ownOverThis, undefined);
  });
});
