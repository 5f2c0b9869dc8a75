import type { TestResult } from "./junit.ts";
import type { RuntimeReport } from "./runners.ts";

/** How many tests came to what. */
export type Counts = Record<TestResult["outcome"], number>;

/**
 * Counts results by their outcome.
 *
 * @param results The results.
 * @returns The counts.
 */
export function countResults(results: readonly TestResult[]): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome]++;
  return counts;
}

/**
 * Describes what the tests of a runtime came to, the skipped and the failed ones by name.
 *
 * @param report The report.
 * @returns The lines to show.
 */
export function describeReport({ runtime, results, note }: RuntimeReport): string {
  const { passed, failed, skipped } = countResults(results);
  const lines = [
    `${runtime}: ${passed} ok, ${failed} not ok, ${skipped} left out${note ? ` (${note})` : ""}`,
  ];
  for (const { name, outcome, message } of results) {
    if (outcome === "skipped") lines.push(`  skipped: ${name}`);
    if (outcome === "failed") lines.push(`  FAILED: ${name}`, indent(message ?? ""));
  }
  return lines.join("\n");
}

function indent(text: string): string {
  return text.trim().split("\n").map((line) => `    ${line}`).join("\n");
}
