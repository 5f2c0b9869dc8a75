import { type BenchRuntime, commandOf } from "./runtimes.ts";

/** What a crowd of processes is. */
export interface CrowdOptions {
  size: number;
  args: readonly unknown[];
  env?: Record<string, string>;
}

/** What became of something that all of them did. */
export interface CrowdResult<T> {
  /** From the word to begin until the last process has what it wanted. */
  tookMs: number;
  /** What each process wrote. */
  results: T[];
}

/** Processes that wait. */
export interface Crowd {
  /**
   * Has all of them begin at once, and waits for the line of JSON that each writes when it is done.
   *
   * @param task What they are to do, where they know several things.
   */
  begin<T>(task?: string): Promise<CrowdResult<T>>;
  /** Waits until all of them are gone. */
  end(): Promise<void>;
}

/** Starts many processes of a program, and waits until the last one is ready (`eachStart()`). */
export async function gatherCrowd(
  runtime: BenchRuntime,
  program: string,
  { size, args, env = {} }: CrowdOptions,
): Promise<Crowd> {
  const members = Array.from({ length: size }, () => startMember(runtime, program, { args, env }));
  for (const { nextLine } of members) await nextLine();
  return {
    async begin<T>(task = "") {
      const started = performance.now();
      await Promise.all(members.map(({ write }) => write(`begin ${task}\n`)));
      const results: T[] = await Promise.all(
        members.map(async ({ nextLine }) => JSON.parse(await nextLine())),
      );
      return { tookMs: performance.now() - started, results };
    },
    async end() {
      await Promise.all(members.map(({ leave }) => leave()));
    },
  };
}

function startMember(
  runtime: BenchRuntime,
  program: string,
  { args, env }: { args: readonly unknown[]; env: Record<string, string> },
) {
  const [command, ...first] = commandOf(runtime, program);
  const child = new Deno.Command(command, {
    args: [...first, ...args.map((arg) => JSON.stringify(arg))],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = readLines(child.stdout);
  const writer = child.stdin.getWriter();
  return {
    async nextLine(): Promise<string> {
      const { done, value } = await lines.next();
      if (done) throw new Error(`A process of ${program} ended before it was done`);
      return value;
    },
    write: (text: string) => writer.write(new TextEncoder().encode(text)),
    async leave() {
      await writer.close();
      await child.status;
    },
  };
}

async function* readLines(stream: ReadableStream<BufferSource>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
