import process from "node:process";
import { type Program, type ProgramRuntime, startProgram } from "../harness/program.ts";
import type { Operation, WorkerLine } from "./operation.ts";
import type { SoakLog } from "./soak_log.ts";

/** A worker process. */
export interface Worker {
  readonly runtime: ProgramRuntime;
  readonly pid: number;
  readonly hasEnded: boolean;
  /** Kills it at once. */
  kill(): void;
  /** Stops it for a while. */
  suspend(durationMs: number): Promise<void>;
  /** Lets it finish its operation. */
  dismiss(): Promise<void>;
}

/** How to start a worker. */
export interface WorkerOptions {
  runtime: ProgramRuntime;
  /** Its arguments: the issuer and the accounts. */
  task: object;
  env: Record<string, string>;
  log: SoakLog;
}

/** Starts a worker, and records what it does. */
export function startWorker({ runtime, task, env, log }: WorkerOptions): Worker {
  const program = startProgram("soak/worker", { runtime, args: [JSON.stringify(task)], env });
  const { child, ended } = program;
  let wasKilled = false;
  let hasEnded = false;
  let current: Operation | undefined;
  readLines(program, (line) => {
    if ("begin" in line) {
      current = { name: line.begin, clientId: line.clientId, runtime, beganAt: line.at };
      log.operations.push(current);
    } else if (current) {
      current.result = line.end;
      current.endedAt = line.at;
    }
  });
  ended.then(({ code, signal, stderr }) => {
    hasEnded = true;
    if (wasKilled && current && current.endedAt === undefined) current.killedAt = Date.now();
    if (!wasKilled && code !== 0) log.crashes.push({ runtime, output: `${signal ?? code}: ${stderr}` });
  });
  const send = (signal: "SIGKILL" | "SIGSTOP" | "SIGCONT") => {
    if (!hasEnded) process.kill(child.pid!, signal);
  };
  return {
    runtime,
    pid: child.pid!,
    get hasEnded() {
      return hasEnded;
    },
    kill() {
      wasKilled = true;
      send("SIGKILL");
    },
    async suspend(durationMs) {
      send("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, durationMs));
      send("SIGCONT");
    },
    async dismiss() {
      child.stdin?.end();
      await ended;
    },
  };
}

/** Reads line by line, and keeps nothing: a soak is long. */
function readLines({ child }: Program, onLine: (line: WorkerLine) => void): void {
  let rest = "";
  child.stdout!.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) onLine(JSON.parse(line));
  });
}
