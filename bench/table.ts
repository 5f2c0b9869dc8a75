import type { Group, Line, Sample, Unit } from "./bench.ts";
import { type Estimate, median, pairedRatio, quantile } from "./statistics.ts";
import type { Samples } from "./turns.ts";

/** How a figure compares with its goal. */
export type Verdict = "met" | "missed" | "too noisy to tell";

/** Tells whether a goal is met, as far as the samples show. Returns nothing without a goal. */
export function verdictOf(group: Group, samples: Samples): Verdict | undefined {
  if (group.goal === undefined) return undefined;
  const { low, high } = ratioTo(group, group.others[0], samples);
  if (isRate(group.unit) ? low >= group.goal : high <= group.goal) return "met";
  return (isRate(group.unit) ? high < group.goal : low > group.goal) ? "missed" : "too noisy to tell";
}

/** Formats the figures: this package against what its goals refer to. */
export function figuresTable(groups: readonly Group[], samples: Samples): string[] {
  const rows = groups.map((group) => {
    const [reference] = group.others;
    const goal = group.goal === undefined ? "" : `${isRate(group.unit) ? "≥" : "≤"} ${group.goal}`;
    return [
      `${group.label} ÷ ${reference.label}`,
      valueOf(group.own, group.unit, samples),
      valueOf(reference, group.unit, samples),
      ratio(ratioTo(group, reference, samples)),
      goal,
      verdictOf(group, samples) ?? "",
    ];
  });
  return aligned([["", "this package", "against", "ratio (95 % sure)", "goal", ""], ...rows]);
}

/** Formats all lines of some groups. */
export function detailsTable(groups: readonly Group[], samples: Samples): string[] {
  const rows = groups.flatMap((group) => [
    [],
    [group.label],
    ...[group.own, ...group.others].map((line) => detailsOf(line, group, samples)),
  ]);
  return aligned([["", "median", "middle half", "this package ÷ it", ""], ...rows]);
}

/** Formats a number with as many digits as are useful. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return new Intl.NumberFormat("en", { maximumFractionDigits: digits }).format(value);
}

function detailsOf(line: Line, group: Group, samples: Samples): string[] {
  const measured = samplesOf(line, samples);
  const values = measured.map(({ value }) => value);
  const [p50 = [], p99 = [], requests = []] = (["p50", "p99", "requests"] as const).map((field) =>
    measured.flatMap((each) => each[field] ?? [])
  );
  return [
    `  ${line.label}`,
    `${figure(median(values))} ${group.unit}`,
    `${figure(quantile(values, 0.25))} – ${figure(quantile(values, 0.75))}`,
    line === group.own ? "" : ratio(ratioTo(group, line, samples)),
    [
      p50.length > 0 && `p50 ${figure(median(p50))} µs`,
      p99.length > 0 && `p99 ${figure(median(p99))} µs`,
      requests.length > 0 && `${median(requests)} requests`,
    ].filter(Boolean).join(", "),
  ];
}

function isRate(unit: Unit): boolean {
  return unit === "/s";
}

function ratioTo({ own }: Group, other: Line, samples: Samples): Estimate {
  return pairedRatio(samples.get(own)!, samples.get(other)!);
}

function valueOf(line: Line, unit: Unit, samples: Samples): string {
  return `${figure(median(samplesOf(line, samples).map(({ value }) => value)))} ${unit}`;
}

function samplesOf(line: Line, samples: Samples): Sample[] {
  return samples.get(line)!.filter((sample) => sample !== undefined);
}

function ratio({ median, low, high }: Estimate): string {
  return `${median.toFixed(2)} (${low.toFixed(2)} – ${high.toFixed(2)})`;
}

function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))
      .join("  ").trimEnd()
  );
}
