import type { FileCoverage } from "./file_coverage.ts";

/**
 * Reads a report in the format of lcov.
 *
 * @param text The report.
 * @param root What the paths of its files begin with.
 * @returns What ran of each file.
 */
export function readLcov(text: string, root: string): FileCoverage[] {
  return text.split("end_of_record").map((record) => readRecord(record, root)).filter(({ file }) =>
    file !== ""
  );
}

function readRecord(record: string, root: string): FileCoverage {
  const coverage: FileCoverage = { file: "", lines: [], branches: [] };
  for (const [, field, value = ""] of record.matchAll(/^(SF|DA|BRDA):(.*)$/gm)) {
    const parts = value.split(",");
    const line = Number(parts[0]);
    if (field === "SF") coverage.file = value.startsWith(root) ? value.slice(root.length) : value;
    else if (field === "DA") coverage.lines.push({ line, count: Number(parts[1]) });
    // `-` stands for a branch whose surroundings were never run.
    else coverage.branches.push({ line, count: Number(parts[3]) || 0 });
  }
  return coverage;
}
