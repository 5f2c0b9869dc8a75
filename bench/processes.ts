import { fileURLToPath } from "node:url";
import type { Line, Sample } from "./bench.ts";
import type { BenchRuntime } from "./workspace.ts";

/** A program that is timed from start to exit. */
export interface TimedProgram {
  label: string;
  /** An ES module. */
  source: string;
  env?: Record<string, string>;
  every?: number;
  /** Runs before each start, untimed. */
  before?: () => Promise<void>;
  /** Whether it imports a package whose install script must run. */
  needsScripts?: boolean;
}

/** How to start a program of `bench/programs`. */
export interface ProgramOptions {
  /** Passed as JSON. */
  args?: readonly unknown[];
  env?: Record<string, string>;
  needsScripts?: boolean;
}

/** A program that runs tasks on request, through `answerTasks()`. */
export interface RunningProgram {
  /** Runs a task and returns its result. */
  ask<T = Sample>(task: string): Promise<T>;
  close(): Promise<void>;
}

/** Extra certificates cost every Node process 30 ms, and nobody needs colours. */
const ENVIRONMENT: Readonly<Record<string, string>> = { NODE_EXTRA_CA_CERTS: "", NO_COLOR: "1" };

/**
 * Returns a line that times whole processes, as part of a module's cost falls at the end.
 *
 * The program is written next to those of `bench/programs`, with its configuration in its text: on Deno, reading an
 * argument as on the other runtimes costs more than what is measured.
 */
export async function processLine(runtime: BenchRuntime, program: TimedProgram): Promise<Line> {
  const { label, source, env, every = 1, before, needsScripts = false } = program;
  const [command, ...args] = await writeProgram(
    placeOf(runtime, needsScripts),
    `${label}_${nextNumber++}`,
    source,
  );
  return {
    label,
    every,
    async measure() {
      await before?.();
      const started = performance.now();
      const child = new Deno.Command(command, { args, env: { ...ENVIRONMENT, ...env }, stdin: "null" });
      const { success, stderr } = await child.output();
      const value = performance.now() - started;
      if (!success) {
        throw new Error(`${label} failed on ${runtime.label}: ${new TextDecoder().decode(stderr)}`);
      }
      return { value };
    },
  };
}

let nextNumber = 1;

async function writeProgram(runtime: BenchRuntime, name: string, source: string) {
  const program = `written/${name.replaceAll(/\W/g, "_")}`;
  await Deno.mkdir(new URL("bench/programs/written/", runtime.folder), { recursive: true });
  await Deno.writeTextFile(new URL(`bench/programs/${program}.js`, runtime.folder), source);
  return commandOf(runtime, program);
}

/** Starts a program of `bench/programs` and waits until it is ready. */
export async function startProgram(
  runtime: BenchRuntime,
  program: string,
  { args = [], env = {}, needsScripts = false }: ProgramOptions = {},
): Promise<RunningProgram> {
  const [command, ...first] = commandOf(placeOf(runtime, needsScripts), program);
  const child = new Deno.Command(command, {
    args: [...first, ...args.map((arg) => JSON.stringify(arg))],
    env: { ...ENVIRONMENT, ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = readLines(child.stdout);
  const writer = child.stdin.getWriter();
  const nextLine = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`${program} ended too early on ${runtime.label}`);
    return value;
  };
  await nextLine();
  return {
    async ask(task) {
      await writer.write(new TextEncoder().encode(`${task}\n`));
      return JSON.parse(await nextLine());
    },
    async close() {
      await writer.close();
      await child.status;
    },
  };
}

/** Runs a program of `bench/programs` for one task. */
export async function runProgram(
  runtime: BenchRuntime,
  program: string,
  options: ProgramOptions,
): Promise<void> {
  const { ask, close } = await startProgram(runtime, program, options);
  await ask("");
  await close();
}

function placeOf(runtime: BenchRuntime, needsScripts: boolean): BenchRuntime {
  return needsScripts ? runtime.installed ?? runtime : runtime;
}

function commandOf({ start, folder }: BenchRuntime, program: string): [string, ...string[]] {
  return [...start, fileURLToPath(new URL(`bench/programs/${program}.js`, folder))];
}

async function* readLines(stream: ReadableStream<BufferSource>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
