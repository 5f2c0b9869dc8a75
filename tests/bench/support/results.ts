import type { LineSummary, Results } from "../../../bench/report/summary.ts";

/** A line with the least that a summary has. */
export function lineOf(values: Partial<LineSummary> = {}): LineSummary {
  return { label: "getAccessToken()", role: "own", median: 12, low: 11, high: 13, samples: 9, ...values };
}

/** Results of one topic with one group. */
export function resultsOf(...lines: LineSummary[]): Results {
  return {
    date: "2026-01-02",
    machine: "2 cores, Debian",
    versions: { Node: "20.0.0", Deno: "2.0.0" },
    isQuick: false,
    topics: [{
      name: "token",
      title: "A <valid> token",
      about: "What is measured.",
      groups: [{ label: "Node", unit: "ms", goal: "≤ 1.15 × floor", lines }],
    }],
  };
}
