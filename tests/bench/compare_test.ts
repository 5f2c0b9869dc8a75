import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compare } from "../../bench/report/compare.ts";
import { lineOf, resultsOf } from "./support/results.ts";

const slower = { median: 24, low: 23, high: 25 };

describe("compare()", () => {
  it("tells what takes longer than it did, in percent", () => {
    assertEquals(compare(resultsOf(lineOf()), resultsOf(lineOf(slower))), [
      {
        topic: "token",
        group: "Node",
        line: "getAccessToken()",
        before: "12 ms",
        after: "24 ms",
        percent: 100,
      },
    ]);
  });

  it("goes by the ratio to the floor where there is one", () => {
    const moves = compare(
      resultsOf(lineOf({ overFloor: 1.2 })),
      resultsOf(lineOf({ ...slower, overFloor: 1.5 })),
    );
    assertEquals(moves.map(({ before, after, percent }) => [before, after, percent]), [
      ["1.2 × floor", "1.5 × floor", 25],
    ]);
  });

  it("is silent when only the machine was slower: the ratio to the floor is what it was", () => {
    assertEquals(
      compare(resultsOf(lineOf({ overFloor: 1.2 })), resultsOf(lineOf({ ...slower, overFloor: 1.2 }))),
      [],
    );
  });

  it("is silent about a change that lies within the spread of the samples", () => {
    assertEquals(compare(resultsOf(lineOf()), resultsOf(lineOf({ median: 14, low: 12, high: 16 }))), []);
  });

  it("names what moved most first, better or worse", () => {
    const other = { label: "a peer" };
    const before = resultsOf(lineOf(), lineOf({ ...other, ...slower }));
    const after = resultsOf(
      lineOf({ median: 14, low: 13.5, high: 15 }),
      lineOf({ ...other, median: 6, low: 6, high: 6 }),
    );
    assertEquals(compare(before, after).map(({ line, percent }) => [line, percent]), [
      ["a peer", -75],
      ["getAccessToken()", 17],
    ]);
  });

  it("is silent about what only one of the runs measured", () => {
    assertEquals(compare(resultsOf(), resultsOf(lineOf())), []);
  });
});
