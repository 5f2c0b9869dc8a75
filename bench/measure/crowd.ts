import { type BenchRuntime, commandOf } from "./runtimes.ts";

/** What a crowd of processes does. */
export interface CrowdOptions {
  size: number;
  args: readonly unknown[];
  env?: Record<string, string>;
}

/** What became of it. */
export interface CrowdResult<T> {
  /** From the word to begin until the last process has what it wanted. */
  tookMs: number;
  /** What each process wrote. */
  results: T[];
}

/**
 * Starts many processes of a program, has them all begin at once when the last one is ready (`waitForStart()`), and waits
 * for the line of JSON that each writes in the end.
 */
export async function runCrowd<T>(
  runtime: BenchRuntime,
  program: string,
  { size, args, env = {} }: CrowdOptions,
): Promise<CrowdResult<T>> {
  const members = Array.from({ length: size }, () => startMember(runtime, program, { args, env }));
  for (const { lines } of members) await nextLine(lines, program);
  const started = performance.now();
  await Promise.all(members.map(({ start }) => start()));
  const results = await Promise.all(
    members.map(async ({ lines }) => JSON.parse(await nextLine(lines, program))),
  );
  const tookMs = performance.now() - started;
  await Promise.all(members.map(({ child }) => child.status));
  return { tookMs, results };
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
  return { child, lines: readLines(child.stdout), start: () => begin(child.stdin) };
}

async function begin(stdin: WritableStream<Uint8Array>): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(new TextEncoder().encode("begin\n"));
  await writer.close();
}

async function* readLines(stream: ReadableStream<BufferSource>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

async function nextLine(lines: AsyncGenerator<string>, program: string): Promise<string> {
  const { done, value } = await lines.next();
  if (done) throw new Error(`A process of ${program} ended before it was done`);
  return value;
}
