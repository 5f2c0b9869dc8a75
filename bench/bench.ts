import type { BenchRuntime } from "./measure/runtimes.ts";
import type { Workspace } from "./measure/workspace.ts";

/** What a line of a table is to the others of its group. */
export type Role =
  /** This package. */
  | "own"
  /** The bare runtime doing the same. */
  | "floor"
  /** Another library, or what a program would do without this one. */
  | "peer"
  /** A part of what this package does, to show where the time goes. */
  | "part";

/** What was measured of one subject. */
export interface Line {
  label: string;
  role: Role;
  /** One for each round; those of the lines of one group belong together, round by round. */
  samples: Sample[];
  /** How long single calls took within each round, in microseconds, where that was looked at. */
  latencies?: Latencies;
}

/** What was measured of one subject in one round; nothing if it sat that round out. */
export type Sample = number | null;

/** The median and the 99th of 100 of the calls of each round. */
export interface Latencies {
  p50: Sample[];
  p99: Sample[];
}

/** Subjects that took turns, and are compared with each other. */
export interface Group {
  label: string;
  /** Rates (`/s`) are better the higher they are, everything else the lower it is. */
  unit: Unit;
  lines: Line[];
  /** What was set out for, in words. */
  goal?: string;
}

/** A unit of figures. */
export type Unit = "ms" | "µs" | "/s" | "MB" | "kB" | "files" | "packages" | "calls";

/** What a topic works with. */
export interface Bench {
  /** Whether about a minute is all there is: few rounds, coarse figures. */
  isQuick: boolean;
  runtimes: readonly BenchRuntime[];
  workspace: Workspace;
}

/** Something to measure. */
export interface Topic {
  /** As the command line names it. */
  name: string;
  title: string;
  /** What is measured, and against what, in Markdown. */
  about: string;
  measure(bench: Bench): Promise<Group[]>;
}
