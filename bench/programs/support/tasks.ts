import process from "node:process";
import type { Sample } from "../../bench.ts";

/** Reads the arguments of a program, each of which is JSON. */
export function readArguments<T extends unknown[]>(): T {
  return process.argv.slice(2).map((arg) => JSON.parse(arg)) as T;
}

/** Reports that this process is ready, runs the task that each line of its input names, and writes the result. */
export async function answerTasks(run: (task: string) => unknown): Promise<void> {
  process.stdout.write("ready\n");
  for await (const line of process.stdin) {
    process.stdout.write(`${JSON.stringify(await run(String(line).trim()) ?? null)}\n`);
  }
  // A peer's connections and timers may still be open.
  process.exit();
}

/** Times a call in microseconds, as the mean of several. A first one, with cold caches, does not count. */
export async function timeCalls(call: () => unknown, calls: number): Promise<Sample> {
  await call();
  const started = performance.now();
  for (let made = 0; made < calls; made++) await call();
  return { value: (performance.now() - started) / calls * 1000 };
}
