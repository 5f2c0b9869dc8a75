import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Group, Line, Sample, Unit } from "../../bench/bench.ts";
import { detailsTable, figure, figuresTable, verdictOf } from "../../bench/table.ts";

const lineOf = (label: string): Line => ({ label, measure: () => Promise.reject(new Error("not measured")) });

/** A group of this package, a reference and a peer, with their measurements. */
function measured(values: Record<"own" | "reference" | "peer", Sample[]>, goal?: number, unit: Unit = "ms") {
  const [own, reference, peer] = ["login()", "by hand", "a peer"].map(lineOf) as [Line, Line, Line];
  const group: Group = {
    label: "Node",
    unit,
    own,
    others: [reference, peer],
    ...(goal !== undefined && { goal }),
  };
  const samples = new Map([[own, values.own], [reference, values.reference], [peer, values.peer]]);
  return { group, samples };
}

const times = (...values: number[]): Sample[] => values.map((value) => ({ value }));
const VALUES = { own: times(12, 12, 12), reference: times(10, 10, 10), peer: times(30, 30, 30) };

describe("verdictOf()", () => {
  const verdict = (own: number[], goal?: number, unit?: Unit) => {
    const { group, samples } = measured({ ...VALUES, own: times(...own) }, goal, unit);
    return verdictOf(group, samples);
  };

  it("says that a goal is met if the whole interval meets it", () => {
    assertEquals(verdict([11, 11, 11], 1.15), "met");
  });

  it("says that a goal is missed if no part of the interval meets it", () => {
    assertEquals(verdict([12, 13, 12], 1.15), "missed");
  });

  it("does not decide if the interval contains the goal", () => {
    assertEquals(verdict([11, 12, 11], 1.15), "too noisy to tell");
  });

  it("requires rates to be at least as high", () => {
    assertEquals([verdict([9, 9, 9], 0.8, "/s"), verdict([7, 7, 7], 0.8, "/s")], ["met", "missed"]);
  });

  it("says nothing without a goal", () => assertEquals(verdict([11, 11, 11]), undefined));
});

describe("figuresTable()", () => {
  it("shows this package, what it is compared with, their ratio and the verdict", () => {
    const { group, samples } = measured(VALUES, 1.15);
    assertMatch(
      figuresTable([group], samples)[1]!,
      /^Node ÷ by hand +12 ms +10 ms +1\.20 \(1\.20 – 1\.20\) +≤ 1\.15 +missed$/,
    );
  });
});

describe("detailsTable()", () => {
  it("has a row for each subject, with its ratio to this package", () => {
    const { group, samples } = measured(VALUES);
    const table = detailsTable([group], samples).join("\n");
    assertMatch(table, /^ {2}login\(\) +12 ms +12 – 12$/m);
    assertMatch(table, /^ {2}by hand +10 ms +10 – 10 +1\.20 \(1\.20 – 1\.20\)$/m);
    assertMatch(table, /^ {2}a peer +30 ms +30 – 30 +0\.40 \(0\.40 – 0\.40\)$/m);
  });

  it("shows the slowest calls and the requests, if they were counted", () => {
    const own = [{ value: 12, p50: 567, p99: 1_234 }];
    const { group, samples } = measured({ ...VALUES, own, peer: [{ value: 30, requests: 20 }] });
    const table = detailsTable([group], samples).join("\n");
    assertMatch(table, /^ {2}login\(\) .* p50 567 µs, p99 1,234 µs$/m);
    assertMatch(table, /^ {2}a peer .* 20 requests$/m);
  });
});

describe("figure()", () => {
  it("has a useful number of digits", () => {
    assertEquals([1234.5, 123.4, 12.34, 1.234, 0.126].map(figure), ["1,235", "123", "12.3", "1.23", "0.13"]);
  });
});
