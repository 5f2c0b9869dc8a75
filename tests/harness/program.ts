import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DeadlineEnd } from "./hold_deadlines.ts";
import type { Requirement } from "./requirement.ts";
import { readSetup } from "./setup.ts";

/** A runtime that programs run on. */
export type ProgramRuntime = "deno" | "node" | "bun";

/** How to start a program of `tests/programs`. */
export interface ProgramOptions {
  args?: string[];
  /** Added to the test's environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
  /** @default the test's own runtime */
  runtime?: ProgramRuntime;
  cwd?: string;
  /** Permissions on Deno. @default ["-A"] */
  permissions?: string[];
  /**
   * What ends timers of more than a second, by their length in milliseconds. The others never fire: on a busy machine, a
   * program must not hit a deadline that it would not hit elsewhere.
   */
  deadlines?: Readonly<Record<number, DeadlineEnd>>;
}

/** A running program. */
export interface Program {
  /** The process, for signals and standard input. */
  child: ChildProcess;
  /** Its standard output so far. */
  stdout(): string;
  /** Its standard error so far. */
  stderr(): string;
  /** Resolves with the match once its standard output matches; rejects if it ends before. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray>;
  /** How it ended. */
  ended: Promise<ProgramResult>;
}

/** How a program ended and what it wrote. */
export interface ProgramResult {
  /** The exit code; `null` if a signal ended it. */
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** The signal that ended a program that killed itself: Windows names none. */
export const KILLED_ITSELF: string | null = process.platform === "win32" ? null : "SIGKILL";

/** The runtime of this test. */
export const OWN_RUNTIME: ProgramRuntime = process.versions.deno
  ? "deno"
  : process.versions.bun
  ? "bun"
  : "node";

/** The runtime that starts fastest, of those that can run programs. */
export const QUICKEST_RUNTIME: ProgramRuntime = readSetup() === undefined ? OWN_RUNTIME : "bun";

/** Whether programs can be started on a runtime. */
export function canRunOn(runtime: ProgramRuntime): Requirement {
  const there = readSetup() !== undefined || (runtime === "deno" && OWN_RUNTIME === "deno");
  return {
    missing: there ? undefined : `programs on ${runtime} need the package that 'deno task test' builds`,
  };
}

/** Starts `tests/programs/NAME.ts` as a process: its source on Deno, bundled with the built package on Node and Bun. */
export function startProgram(name: string, options: ProgramOptions = {}): Program {
  const { args = [], env = {}, runtime = OWN_RUNTIME, permissions = ["-A"], cwd, deadlines } = options;
  const preload = deadlines === undefined ? "no_deadlines" : "deadlines_by_file";
  const [command, ...start] = commandOf(name, { runtime, permissions, preload });
  const files = deadlines === undefined ? {} : { CLI_AUTH_TEST_DEADLINES: JSON.stringify(deadlines) };
  const child = spawn(command, [...start, ...args], {
    env: Object.fromEntries(
      Object.entries({ ...process.env, ...files, ...env }).filter(([, value]) => value !== undefined),
    ),
    ...(cwd === undefined ? {} : { cwd }),
  });
  return watch(child);
}

/** Runs `tests/programs/NAME.ts` to its end, with empty standard input. */
export function runProgram(name: string, options: ProgramOptions = {}): Promise<ProgramResult> {
  const program = startProgram(name, options);
  program.child.stdin?.end();
  return program.ended;
}

/** Where {@linkcode commandOf} starts a program. */
export interface CommandOptions {
  runtime: ProgramRuntime;
  permissions: string[];
  /** What of `tests/programs/preload` runs before it. */
  preload?: string | undefined;
}

/**
 * The command that starts `tests/programs/NAME.ts`.
 *
 * @param name The name of the program.
 * @param options Where to start it.
 * @returns The command and its arguments.
 */
export function commandOf(
  name: string,
  { runtime, permissions, preload }: CommandOptions,
): [string, ...string[]] {
  const setup = readSetup();
  if (runtime === "deno") {
    const deno = setup?.deno ?? process.execPath;
    const config = setup?.denoConfig ?? fromRoot("deno.npm.json");
    const source = (name: string) => fromRoot(`tests/programs/${name}.ts`);
    return [
      ...[deno, "run", "--quiet", "--no-check", "-c", config, ...permissions] as const,
      ...preload === undefined ? [] : [`--preload=${source(`preload/${preload}`)}`],
      source(name),
    ];
  }
  if (setup === undefined) throw new Error(`Cannot start '${name}': ${canRunOn(runtime).missing}`);
  const bundle = (name: string) => join(setup.programs, `${name}.js`);
  if (preload === undefined) return [setup[runtime], bundle(name)];
  const first = bundle(`preload/${preload}`);
  const flag = runtime === "node" ? `--import=${pathToFileURL(first)}` : `--preload=${first}`;
  return [setup[runtime], flag, bundle(name)];
}

function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

function watch(child: ChildProcess): Program {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const ended = new Promise<ProgramResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  // Avoids an unhandled rejection if nobody waits for the end.
  ended.catch(() => {});
  return { child, stdout: () => stdout, stderr: () => stderr, ended, waitForOutput };

  function waitForOutput(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(stdout);
        if (match === null) return;
        child.stdout?.off("data", look);
        resolve(match);
      };
      child.stdout?.on("data", look);
      ended.then(({ code, signal }) => {
        reject(
          new Error(`The program ended (${code ?? signal}) before it wrote ${pattern}:\n${stdout}${stderr}`),
        );
      }, reject);
      look();
    });
  }
}
