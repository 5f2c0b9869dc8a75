import type { LaunchedProgram, Programs, RunOptions, RunResult } from "../runtime.ts";
import { builtin, process } from "./builtins.ts";

interface Readable {
  setEncoding(encoding: "utf8"): void;
  on(event: "data", listener: (text: string) => void): void;
  destroy(): void;
}

interface Child {
  readonly stdin: { end(text: string): void; on(event: "error", listener: () => void): void };
  readonly stdout: Readable;
  readonly stderr: Readable;
  on(event: "spawn", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "close" | "exit", listener: (code: number | null, signal: string | null) => void): void;
  kill(signal: "SIGKILL"): void;
  unref(): void;
}

interface SpawnOptions {
  stdio: "pipe" | "ignore";
  detached?: boolean;
  env: Environment;
  windowsHide: boolean;
}

type Environment = Record<string, string | undefined>;

interface ChildProcess {
  spawn(command: string, args: readonly string[], options: SpawnOptions): Child;
}

/** {@linkcode Programs} that inherit what `environment` returns when they start. */
export function programsIn(environment: () => Environment): Programs {
  return {
    run: (command, args, { env, ...options } = {}) =>
      run(command, args, { ...options, env: { ...environment(), ...env } }),
    launch: (command, args) => launch(command, args, environment()),
  };
}

export const programs: Programs = programsIn(() => process.env);

function run(
  command: string,
  args: readonly string[],
  { stdin = "", env, signal }: Omit<RunOptions, "env"> & { env: Environment },
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, { stdio: "pipe", env });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const stop = () => {
      abandon(child);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      signal?.removeEventListener("abort", stop);
      resolve({ code: exitCode(code, killedBy), stdout: stdout(), stderr: stderr() });
    });
    child.stdin.on("error", () => {}); // The program ended before it read everything. Its exit code says why.
    child.stdin.end(stdin);
  });
}

/** Starts a program that may outlive us. */
function launch(command: string, args: readonly string[], env: Environment): Promise<LaunchedProgram> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "ignore", detached: true, env });
    const exited = new Promise<number>((resolve) => {
      child.on("exit", (code, killedBy) => resolve(exitCode(code, killedBy)));
    });
    child.on("error", reject);
    child.on("spawn", () => resolve({ exited }));
    child.unref();
  });
}

function spawn(command: string, args: readonly string[], options: Omit<SpawnOptions, "windowsHide">): Child {
  return builtin<ChildProcess>("node:child_process").spawn(command, args, { ...options, windowsHide: true });
}

function collect(stream: Readable): () => string {
  const chunks: string[] = [];
  stream.setEncoding("utf8");
  stream.on("data", (text) => chunks.push(text));
  return () => chunks.join("");
}

/** Kills a program and lets go of its output, which a child of its own could keep open. */
function abandon(child: Child): void {
  child.kill("SIGKILL");
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
}

/** As in a shell: 128 plus the signal number for a program that a signal ended. */
function exitCode(code: number | null, killedBy: string | null): number {
  if (code !== null) return code;
  const { signals } = builtin<{ constants: { signals: Record<string, number> } }>("node:os").constants;
  return 128 + (signals[killedBy ?? ""] ?? 0);
}
