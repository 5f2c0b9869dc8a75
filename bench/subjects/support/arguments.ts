import process from "node:process";

/** The arguments of a program, each of which is JSON. */
export function readArguments<T extends unknown[]>(): T {
  return process.argv.slice(2).map((arg) => JSON.parse(arg)) as T;
}

/** Writes what a program has found out, and ends it: connections and timers of a peer may still be open. */
export function finish(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
}
