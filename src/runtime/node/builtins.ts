import type { StandardInput } from "../read_line.ts";
import type { InterruptSignal } from "../runtime.ts";

interface NodeProcess {
  readonly platform: string;
  readonly arch: string;
  readonly pid: number;
  readonly execPath: string;
  readonly argv: readonly string[];
  readonly stdin: StandardInput & { setRawMode?(raw: boolean): void };
  readonly stdout: { write(text: string): void };
  readonly stderr: { readonly columns?: number; write(text: string): void };
  readonly env: Record<string, string | undefined>;
  cwd(): string;
  /** Absent on Windows. */
  getuid?(): number;
  /** Absent on Windows. */
  geteuid?(): number;
  exit(code: number): never;
  getBuiltinModule(name: string): unknown;
  on(event: InterruptSignal, listener: (signal: InterruptSignal) => void): void;
  off(event: InterruptSignal, listener: (signal: InterruptSignal) => void): void;
  listenerCount(event: InterruptSignal): number;
  emit(event: InterruptSignal, signal: InterruptSignal): boolean;
  kill(pid: number, signal: InterruptSignal): void;
}

/** Absent on other runtimes, where joined files hold this code but never use it. */
export const process: NodeProcess = (globalThis as unknown as { process?: NodeProcess }).process ??
  {} as NodeProcess;

/**
 * Gets a built-in module of Node. Unlike an import, it is left alone by bundlers and needs none of Node's types:
 * callers name the part they use.
 */
export function builtin<Module>(name: `node:${string}`): Module {
  return process.getBuiltinModule(name) as Module;
}
