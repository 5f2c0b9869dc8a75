import type { GroupSummary } from "./summary.ts";

/** The heads of the columns of every table. */
export const COLUMNS: readonly string[] = ["", "median", "middle half", "× floor", "this package ÷ it"];

/** A group's heading: what was compared, and what was set out for. */
export function headingOf({ label, goal }: GroupSummary): string {
  return goal === undefined ? label : `${label} (goal: ${goal})`;
}

/** The cells of each line of a group. */
export function rowsOf({ lines, unit }: GroupSummary): string[][] {
  return lines.map((line) => [
    line.role === "floor" ? `floor: ${line.label}` : line.label,
    `${figure(line.median)} ${unit}`,
    line.samples === 1 ? "" : `${figure(line.low)} – ${figure(line.high)}`,
    ratio(line.overFloor),
    ratio(line.ownOverThis),
  ]);
}

/** A number with as many digits as one can use. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return new Intl.NumberFormat("en", { maximumFractionDigits: digits }).format(value);
}

function ratio(value: number | undefined): string {
  return value === undefined ? "" : value.toFixed(2);
}
