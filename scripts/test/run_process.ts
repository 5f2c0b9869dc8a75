/** What a test runner is started with. */
export interface ProcessOptions {
  cwd: URL;
  env: Record<string, string>;
}

/** How a test runner ended. */
export interface ProcessResult {
  code: number;
  output: string;
}

const TIMEOUT_MS = 15 * 60_000;

/**
 * Runs a test runner to its end, at most a quarter of an hour.
 *
 * @param command The program.
 * @param args Its arguments.
 * @param options Where and how it runs.
 * @returns How it ended and all that it wrote.
 */
export async function runProcess(
  command: string,
  args: string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const child = new Deno.Command(command, {
    ...options,
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: timeout,
  }).spawn();
  const { code, stdout, stderr } = await child.output();
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { code, output: timeout.aborted ? `${output}\nended after ${TIMEOUT_MS / 60_000} minutes` : output };
}
