import { fileURLToPath } from "node:url";
import coverage from "npm:istanbul-lib-coverage@3.2.2";
import { ROOT } from "../deno_config.ts";
import type { FileCoverage } from "./file_coverage.ts";

/** What is used of istanbul's counts of a file. */
interface IstanbulCounts {
  path: string;
  branchMap: Record<string, { loc: { start: { line: number } }; locations: { start: { line?: number } }[] }>;
  b: Record<string, number[]>;
  getLineCoverage(): Record<string, number>;
}

/**
 * Puts together what instrumented sources have counted.
 *
 * @param counts What each process has written, read from JSON.
 * @returns What ran of each source.
 */
export function readIstanbulCounts(counts: Iterable<unknown>): FileCoverage[] {
  const map = coverage.createCoverageMap({});
  for (const each of counts) map.merge(each);
  return map.files().map((path: string) => toFileCoverage(map.fileCoverageFor(path)));
}

function toFileCoverage(counts: IstanbulCounts): FileCoverage {
  const lines = Object.entries(counts.getLineCoverage());
  const branches = Object.entries(counts.branchMap).flatMap(([id, { loc, locations }]) =>
    // The place of an `else` that is not there is that of its `if`.
    locations.map(({ start }, index) => ({
      line: start.line ?? loc.start.line,
      count: counts.b[id]?.[index] ?? 0,
    }))
  );
  return {
    file: counts.path.slice(fileURLToPath(ROOT).length),
    lines: lines.map(([line, count]) => ({ line: Number(line), count })),
    branches,
  };
}
