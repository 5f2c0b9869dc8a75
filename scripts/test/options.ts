import { RUNTIMES, type TestRuntime } from "./runners.ts";

/** What the command line asks for. */
export interface TestOptions {
  /** Beginnings of paths; none means all tests. */
  filters: string[];
  runtimes: readonly TestRuntime[];
}

/**
 * Reads the command line of `deno task test`: paths, and `--runtime NAME` any number of times.
 *
 * @param args The arguments.
 * @returns What they ask for.
 * @throws {TypeError} If an argument is not understood.
 */
export function readOptions(args: readonly string[]): TestOptions {
  const filters: string[] = [];
  const runtimes: TestRuntime[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--runtime") runtimes.push(readRuntime(rest.shift()));
    else if (arg.startsWith("-")) {
      throw new TypeError(`Cannot read '${arg}': only paths and --runtime are known`);
    } else filters.push(arg);
  }
  return { filters, runtimes: runtimes.length === 0 ? RUNTIMES : runtimes };
}

function readRuntime(name: string | undefined): TestRuntime {
  const runtime = RUNTIMES.find((known) => known === name);
  if (runtime === undefined) throw new TypeError(`Cannot run on '${name}': known are ${RUNTIMES.join(", ")}`);
  return runtime;
}
