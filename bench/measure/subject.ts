import { type BenchRuntime, commandOf } from "./runtimes.ts";

/** How a program is started that measures itself. */
export interface SubjectOptions {
  args?: readonly unknown[];
  env?: Record<string, string>;
}

/**
 * Runs a program of `bench/subjects` to its end.
 *
 * @param runtime What it runs on.
 * @param program Its path in the folder.
 * @param options Its arguments, each given as JSON, and its environment.
 * @returns What it wrote as JSON.
 * @throws {Error} If it fails.
 */
export async function runSubject<T>(
  runtime: BenchRuntime,
  program: string,
  { args = [], env = {} }: SubjectOptions = {},
): Promise<T> {
  const [command, ...start] = commandOf(runtime, program);
  const child = new Deno.Command(command, {
    args: [...start, ...args.map((arg) => JSON.stringify(arg))],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  });
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${program} failed on ${runtime.label}: ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}
