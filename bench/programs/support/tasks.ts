import process from "node:process";
import type { Sample } from "../../bench.ts";

/** The arguments of a program, each of which is JSON. */
export function readArguments<T extends unknown[]>(): T {
  return process.argv.slice(2).map((arg) => JSON.parse(arg)) as T;
}

/** Says that this process is ready, does what each line of its input names, and writes what comes of it. */
export async function answerTasks(run: (task: string) => unknown): Promise<void> {
  process.stdout.write("ready\n");
  for await (const line of process.stdin) {
    process.stdout.write(`${JSON.stringify(await run(String(line).trim()) ?? null)}\n`);
  }
  // Connections and timers of a peer may still be open.
  process.exit();
}

/** Times a call, in microseconds, as the mean of several. One before, which finds its caches cold, does not count. */
export async function timeCalls(call: () => unknown, calls: number): Promise<Sample> {
  await call();
  const started = performance.now();
  for (let made = 0; made < calls; made++) await call();
  return { value: (performance.now() - started) / calls * 1000 };
}
