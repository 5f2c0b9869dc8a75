import type { Workspace } from "./workspace.ts";

/** One measurement. */
export interface Sample {
  /** A time or a rate. */
  value: number;
  /** Median of a call, in microseconds. */
  p50?: number;
  /** 99th percentile of a call, in microseconds. */
  p99?: number;
  /** Requests that reached the issuer. */
  requests?: number;
}

/** Something that is measured repeatedly. */
export interface Line {
  label: string;
  /** Measures once. */
  measure(): Promise<Sample>;
  /**
   * Measures in one of so many rounds only, if it is slow and has no goal.
   * @default 1
   */
  every?: number;
}

/** Rates (`/s`) are better the higher they are, everything else the lower. */
export type Unit = "ms" | "µs" | "/s";

/** What this package does, and what it is compared with. */
export interface Group {
  label: string;
  unit: Unit;
  own: Line;
  /** The goal refers to the first one. */
  others: [Line, ...Line[]];
  /** Goal for the ratio of this package to the first of the others: a maximum, or a minimum for rates. */
  goal?: number;
}

/** What a topic works with. */
export interface Bench extends Workspace {
  /** Whether to measure only this package and the first of the others. */
  isBrief: boolean;
  /** Closes what topics opened, at the end. */
  resources: AsyncDisposableStack;
}

export interface Topic {
  /** Its name on the command line. */
  name: string;
  title: string;
  /** What is measured, and against what. */
  about: string;
  prepare(bench: Bench): Promise<Group[]>;
}
