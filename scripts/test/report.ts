import { stripVTControlCharacters } from "node:util";
import type { TestResult } from "./collected_bdd.ts";
import type { BatchReport, PlacedResult } from "./run_batch.ts";

/** Number of tests by outcome. */
export type Counts = Record<TestResult["outcome"], number>;

export function countResults(results: readonly TestResult[]): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome]++;
  return counts;
}

/** Describes a batch's result in one line. */
export function describeBatch({ batch, results, unfit }: BatchReport, elapsedMs: number): string {
  const { passed, failed, skipped } = countResults(results);
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} FAILED`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  if (unfit.length > 0) parts.push(`cannot run there: ${unfit.join(", ")}`);
  return `${batch.name}: ${parts.join(", ")} (${(elapsedMs / 1000).toFixed(1)} s)`;
}

/** Describes the tests that failed or were skipped, file by file, with the command to run the file again. */
export function describeFailures(reports: readonly BatchReport[]): string[] {
  const lines: string[] = [];
  for (const { batch: { name, runtime }, results } of reports) {
    const notable = results.filter(({ outcome }) => outcome !== "passed");
    for (const [file, ofFile] of Map.groupBy(notable, ({ file }) => file)) {
      lines.push("", `${file} on ${name.replace(/ .*/, "")}`, ...ofFile.flatMap(describeResult));
      if (ofFile.some(({ outcome }) => outcome === "failed")) {
        lines.push(
          `  Run it again: deno task test ${file}${runtime === "deno" ? "" : ` --runtime ${runtime}`}`,
        );
      }
    }
  }
  return lines;
}

function describeResult({ name, outcome, message = "" }: PlacedResult): string[] {
  if (outcome === "skipped") return [`  skipped: ${name}`];
  return [
    `  FAILED: ${name}`,
    ...stripVTControlCharacters(message).trim().split("\n").map((line) => `    ${line}`),
  ];
}
