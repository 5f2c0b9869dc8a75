import { type BenchRuntime, commandOf } from "./runtimes.ts";

/**
 * Writes a program beside those of `bench/subjects`. What is timed from its start to its end has its configuration in
 * its text: merely reading an argument costs Deno more than what is measured, if it is done as on the other runtimes.
 *
 * @param runtime What it is to run on.
 * @param name A name for the file.
 * @param source An ES module.
 * @returns The command that runs it.
 */
export async function writeProgram(
  runtime: BenchRuntime,
  name: string,
  source: string,
): Promise<[string, ...string[]]> {
  const program = `written/${name.replaceAll(/\W/g, "_")}`;
  await Deno.mkdir(new URL("bench/subjects/written/", runtime.folder), { recursive: true });
  await Deno.writeTextFile(new URL(`bench/subjects/${program}.js`, runtime.folder), source);
  return commandOf(runtime, program);
}
