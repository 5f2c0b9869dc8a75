import { parseArgs } from "node:util";
import { type PlaceOptions, RUNTIMES, type TestRuntime } from "./places.ts";

/** The parsed command line. */
export interface TestOptions extends PlaceOptions {
  /** Starts of paths; none means all tests. */
  filters: string[];
  /** Whether tests of random input try as many cases as are worth waiting for. */
  isThorough: boolean;
}

/**
 * Parses the command line of `deno task test`. Given paths should pass quickly, so these run only on Deno unless
 * `--runtime` or `--all` says otherwise. Throws a `TypeError` for an unknown argument.
 */
export function readOptions(args: string[]): TestOptions {
  const { positionals: filters, values: { runtime, all } } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      runtime: { type: "string", multiple: true, default: [] },
      all: { type: "boolean", default: false },
    },
  });
  const named = runtime.map(readRuntime);
  const unnamed = filters.length > 0 && !all ? ["deno" as const] : RUNTIMES;
  return {
    filters,
    runtimes: named.length > 0 ? named : unnamed,
    all: all || named.length > 0 || filters.length > 0,
    isThorough: all,
  };
}

function readRuntime(name: string): TestRuntime {
  const runtime = RUNTIMES.find((known) => known === name);
  if (runtime === undefined) throw new TypeError(`Cannot run on '${name}': expected ${RUNTIMES.join(", ")}`);
  return runtime;
}
