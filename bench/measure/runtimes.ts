import { fileURLToPath } from "node:url";

/** A runtime, with a build of this package on it. */
export interface BenchRuntime {
  label: string;
  /** Whose system calls a floor makes. */
  family: "node" | "bun" | "deno";
  /** What of this package is measured: what users get, or the sources. */
  build: "published" | "sources";
  /** The folder of the programs. */
  folder: URL;
  /** What comes before the file of a program. */
  start: readonly [string, ...string[]];
  /** The same with packages as npm installs them, where that is something else: Deno runs no scripts for its own cache. */
  installed?: BenchRuntime;
}

/** The command that runs a program of `bench/subjects`, or one that was written beside them. */
export function commandOf({ start, folder }: BenchRuntime, program: string): [string, ...string[]] {
  return [...start, fileURLToPath(new URL(`bench/subjects/${program}.js`, folder))];
}

/** The runtime for programs that import a package which needs a script to run at its installation. */
export function withScripts(runtime: BenchRuntime): BenchRuntime {
  return runtime.installed ?? runtime;
}
