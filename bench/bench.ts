import type { Workspace } from "./workspace.ts";

/** What was measured once. */
export interface Sample {
  /** A time or a rate. */
  value: number;
  /** What 99 of 100 calls take at most, in microseconds. */
  p99?: number;
  /** How many requests reached the issuer. */
  requests?: number;
}

/** Something that is measured again and again. */
export interface Line {
  label: string;
  /** Measures once. */
  measure(): Promise<Sample>;
  /**
   * Takes part in one of so many rounds, for what is slow and has no goal.
   * @default 1
   */
  every?: number;
}

/** Rates (`/s`) are the better the higher they are, everything else the lower it is. */
export type Unit = "ms" | "µs" | "/s";

/** What this package does, and what that is compared with. */
export interface Group {
  label: string;
  unit: Unit;
  own: Line;
  /** The first one is what the goal refers to. */
  others: [Line, ...Line[]];
  /** What this package ÷ the first of the others is to be: at most, or at least for rates. */
  goal?: number;
}

/** What a topic works with. */
export interface Bench extends Workspace {
  /** Whether only this package and the first of the others are measured. */
  isBrief: boolean;
  /** Closes in the end what topics have opened. */
  resources: AsyncDisposableStack;
}

/** Something to measure. */
export interface Topic {
  /** As the command line names it. */
  name: string;
  title: string;
  /** What is measured, and against what. */
  about: string;
  prepare(bench: Bench): Promise<Group[]>;
}
