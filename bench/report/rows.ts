import type { GroupSummary } from "./summary.ts";

const COLUMNS: readonly string[] = ["", "median", "middle half", "× floor", "this package ÷ it"];
const LATENCY_COLUMNS: readonly string[] = ["p50 of a call", "p99"];

/** The heads of the columns that some groups need. */
export function columnsOf(groups: readonly GroupSummary[]): readonly string[] {
  const haveLatencies = groups.some(({ lines }) => lines.some(({ p50 }) => p50 !== undefined));
  return haveLatencies ? [...COLUMNS, ...LATENCY_COLUMNS] : COLUMNS;
}

/** A group's heading: what was compared, and what was set out for. */
export function headingOf({ label, goal }: GroupSummary): string {
  return goal === undefined ? label : `${label} (goal: ${goal})`;
}

/** The cells of each line of a group, as many as there are columns. */
export function rowsOf({ lines, unit }: GroupSummary, columns: readonly string[]): string[][] {
  return lines.map((line) =>
    [
      line.role === "floor" ? `floor: ${line.label}` : line.label,
      `${figure(line.median)} ${unit}`,
      line.samples === 1 ? "" : `${figure(line.low)} – ${figure(line.high)}`,
      ratio(line.overFloor),
      ratio(line.ownOverThis),
      latency(line.p50),
      latency(line.p99),
    ].slice(0, columns.length)
  );
}

/** A number with as many digits as one can use. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return new Intl.NumberFormat("en", { maximumFractionDigits: digits }).format(value);
}

function latency(microseconds: number | undefined): string {
  return microseconds === undefined ? "" : `${figure(microseconds)} µs`;
}

function ratio(value: number | undefined): string {
  return value === undefined ? "" : value.toFixed(2);
}
