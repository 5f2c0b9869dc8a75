/** What a test runner is started with. */
export interface ProcessOptions {
  args: string[];
  cwd: URL;
  env: Record<string, string>;
  /** The file that keeps what it writes, as it comes. */
  log: URL;
}

/** How a test runner ended. */
export interface ProcessResult {
  code: number;
  output: string;
}

const TIMEOUT_MS = 18 * 60_000;

/**
 * Runs a test runner to its end, with a deadline.
 *
 * @param command The program.
 * @param options How it runs.
 * @returns How it ended and all that it wrote.
 */
export async function runProcess(
  command: string,
  { log, ...options }: ProcessOptions,
): Promise<ProcessResult> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const child = new Deno.Command(command, {
    ...options,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: timeout,
  }).spawn();
  const file = (await Deno.open(log, { write: true, create: true, truncate: true })).writable.getWriter();
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) await file.write(chunk);
  };
  await Promise.all([keep(child.stdout), keep(child.stderr)]);
  await file.close();
  const { code } = await child.status;
  const output = await Deno.readTextFile(log);
  return { code, output: timeout.aborted ? `${output}\nended after ${TIMEOUT_MS / 60_000} minutes` : output };
}
