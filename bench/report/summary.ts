import type { Group, Line, Role, Sample, Topic, Unit } from "../bench.ts";
import { isMeasured, median, pairedRatio, quantile } from "./statistics.ts";

/** The machine and the versions that figures belong to. */
export interface Surroundings {
  date: string;
  machine: string;
  versions: Record<string, string>;
  isQuick: boolean;
}

/** All figures of a run. */
export interface Results extends Surroundings {
  topics: TopicSummary[];
}

/** The figures of a topic. */
export interface TopicSummary {
  name: string;
  title: string;
  about: string;
  groups: GroupSummary[];
}

/** The figures of subjects that took turns. */
export interface GroupSummary {
  label: string;
  unit: Unit;
  goal?: string;
  lines: LineSummary[];
}

/** The figures of one subject. */
export interface LineSummary {
  label: string;
  role: Role;
  median: number;
  /** The middle half of the samples lies between these. */
  low: number;
  high: number;
  samples: number;
  /** How often it is the floor of its group. */
  overFloor?: number;
  /** How often this package is it. */
  ownOverThis?: number;
  /** How long a single call took, in microseconds: the median, and the 99th of 100. */
  p50?: number;
  p99?: number;
}

/** Sums up the samples of a topic. */
export function summarize({ name, title, about }: Topic, groups: readonly Group[]): TopicSummary {
  return { name, title, about, groups: groups.map(summarizeGroup) };
}

function summarizeGroup({ label, unit, goal, lines }: Group): GroupSummary {
  const floor = lines.find(({ role }) => role === "floor");
  const own = lines.find(({ role }) => role === "own");
  return {
    label,
    unit,
    ...(goal !== undefined && { goal }),
    lines: lines.map((line) => summarizeLine(line, { floor, own })),
  };
}

function summarizeLine(line: Line, { floor, own }: Record<"floor" | "own", Line | undefined>): LineSummary {
  const { label, role, samples, latencies } = line;
  return {
    label,
    role,
    median: rounded(median(samples)),
    low: rounded(quantile(samples, 0.25)),
    high: rounded(quantile(samples, 0.75)),
    samples: samples.filter(isMeasured).length,
    ...(floor && line !== floor && ratioMember("overFloor", samples, floor.samples)),
    ...(own && role === "peer" && ratioMember("ownOverThis", own.samples, samples)),
    ...(latencies && { p50: rounded(median(latencies.p50)), p99: rounded(median(latencies.p99)) }),
  };
}

/** There is no ratio to what is nothing, such as the cost of a module that costs less than can be measured. */
function ratioMember(name: string, samples: Sample[], others: Sample[]): Record<string, number> {
  if (Math.min(median(samples), median(others)) <= 0) return {};
  const ratio = pairedRatio(samples, others);
  return ratio > 0 ? { [name]: rounded(ratio) } : {};
}

/** Four digits say all that there is to know of a figure. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
