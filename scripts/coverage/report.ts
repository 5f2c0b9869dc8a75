import { type FileCoverage, percentage, type Share, shareOf } from "./file_coverage.ts";

/** Of a hundred lines and of a hundred branches, so many must run. */
export const MARK: Readonly<Record<"lines" | "branches", number>> = { lines: 95, branches: 90 };

/**
 * Describes what ran: by folder, in all, and what did not run in the files below the mark.
 *
 * @param files What ran of each file.
 * @returns The lines to show.
 */
export function describeCoverage(files: readonly FileCoverage[]): string[] {
  const folders = Map.groupBy(files, ({ file }) => file.split("/").slice(0, 2).join("/"));
  const low = files.filter((file) => !reachesMark([file]));
  return [
    row("", ["lines", "branches"]),
    ...[...folders].sort().map(([folder, inside]) => shares(folder, inside)),
    shares("src", files),
    ...(low.length === 0
      ? []
      : ["", `Below ${MARK.lines} % of the lines or ${MARK.branches} % of the branches:`]),
    ...low.flatMap((file) => [shares(file.file, [file]), ...describeMissing(file)]),
  ];
}

/**
 * Tells whether enough of some files ran.
 *
 * @param files What ran of each file.
 * @returns Whether both of its shares reach the mark.
 */
export function reachesMark(files: readonly FileCoverage[]): boolean {
  return percentage(shareOf(files, "lines")) >= MARK.lines &&
    percentage(shareOf(files, "branches")) >= MARK.branches;
}

function shares(name: string, files: readonly FileCoverage[]): string {
  return row(name, [describeShare(shareOf(files, "lines")), describeShare(shareOf(files, "branches"))]);
}

function describeShare(share: Share): string {
  return `${percentage(share).toFixed(1)} % of ${share.all}`;
}

function row(name: string, cells: string[]): string {
  return [name.padEnd(50), ...cells.map((cell) => cell.padStart(18))].join("").trimEnd();
}

/** The lines that did not run, and those where a branch begins that was not taken. */
function describeMissing({ lines, branches }: FileCoverage): string[] {
  const missing = (counted: FileCoverage["lines"]) =>
    [...new Set(counted.filter(({ count }) => count === 0).map(({ line }) => line))].sort((a, b) => a - b);
  const parts = [
    ["lines", ranges(missing(lines))],
    ["branches at", missing(branches).join(", ")],
  ];
  return parts.filter(([, numbers]) => numbers !== "").map(([what, numbers]) => `    ${what} ${numbers}`);
}

function ranges(numbers: number[]): string {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([first, last]) => first === last ? first : `${first}-${last}`).join(", ");
}
