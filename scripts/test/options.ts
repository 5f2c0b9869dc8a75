import { parseArgs } from "node:util";
import { type PlaceOptions, RUNTIMES, type TestRuntime } from "./places.ts";

/** What the command line asks for. */
export interface TestOptions extends PlaceOptions {
  /** Beginnings of paths; none means all tests. */
  filters: string[];
  /** Whether tests of random input try as many cases as are worth waiting for. */
  isThorough: boolean;
}

/**
 * Reads the command line of `deno task test`. Whoever names paths wants to see them pass quickly, so these run on Deno alone
 * unless `--runtime` or `--all` says otherwise. Throws a `TypeError` if it does not understand an argument.
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
