import type { LaunchedProgram, RunOptions, RunResult } from "../runtime.ts";
import type { CommandOptions, DenoApi, DenoChild } from "./api.ts";
import { requirePermission, withPosixCode } from "./files.ts";

declare const Deno: DenoApi;

export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { stdin = "", env = {}, signal } = options;
  signal?.throwIfAborted();
  const child = spawn(command, { args, env, stdin: "piped", stdout: "piped", stderr: "piped" });
  const stop = () => end(child);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const [stdout, stderr, { code }] = await Promise.all([
      readText(child.stdout, signal),
      readText(child.stderr, signal),
      child.status,
      feed(child.stdin, stdin),
    ]);
    return { code, stdout, stderr };
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** Starts a program that may outlive us. */
// deno-lint-ignore require-await -- what `spawn` throws must be a rejection
export async function launch(command: string, args: readonly string[]): Promise<LaunchedProgram> {
  const child = spawn(command, { args, stdin: "null", stdout: "null", stderr: "null", detached: true });
  child.unref();
  return { exited: child.status.then(({ code }) => code) };
}

function spawn(command: string, options: CommandOptions): DenoChild {
  requirePermission({ name: "run", command });
  return withPosixCode(() => new Deno.Command(command, options).spawn());
}

async function readText(stream: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<string> {
  const body = signal
    ? stream.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal })
    : stream;
  return await new Response(body).text();
}

async function feed(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch {
    // The program ended before it read everything. Its exit code says why.
  }
}

function end(child: DenoChild): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has already ended.
  }
}
