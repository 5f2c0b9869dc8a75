import {
  type Files,
  type InterruptSignal,
  type LaunchedProgram,
  loadRuntime,
  type Platform,
  type Runtime,
  type Terminal,
} from "../doors/runtime.ts";

/** What differs from the runtime of the test. */
export interface FakeRuntimeOptions {
  /** The whole environment. @default empty */
  env?: Record<string, string>;
  /** @default none */
  homeDirectory?: string;
  /** @default "linux", or "windows" on it, whose paths look different */
  platform?: Platform;
  /** The paths where something stands. @default none */
  existing?: readonly string[];
  /** Whether standard input and error are a terminal. @default false */
  isInteractive?: boolean;
  /** What is typed. @default the end of input at once */
  readLine?: Terminal["readLine"];
  /** What becomes of a program that is launched. @default it cannot be started */
  launch?: (command: string, args: readonly string[]) => LaunchedProgram | Promise<LaunchedProgram>;
  /** Parts to replace as they are. */
  parts?: Partial<Runtime>;
}

/** The runtime of the test, with a clock, an environment, a terminal, programs and interrupts that the test rules. */
export interface FakeRuntime extends Runtime {
  /** The time that `now()` gives. */
  time: number;
  /** What was written to standard error. */
  written: string;
  /** The programs that were launched, with their arguments. */
  readonly launched: string[][];
  /** How many listeners wait for an interrupt. */
  readonly interruptListeners: number;
  /** Sends a signal to those who listen for it. */
  interrupt(signal: InterruptSignal): void;
}

/** Makes a fake runtime over the real one. Requests, the listener and files stay real. */
export async function createFakeRuntime(options: FakeRuntimeOptions = {}): Promise<FakeRuntime> {
  const { env = {}, homeDirectory, isInteractive = false, launch, parts = {}, existing = [] } = options;
  const { readLine = () => Promise.resolve(null) } = options;
  const real = await loadRuntime();
  const isOnWindows = real.platform === "windows";
  const { platform = isOnWindows ? "windows" : "linux" } = options;
  const listeners = new Set<(signal: InterruptSignal) => void>();
  const runtime: FakeRuntime = {
    ...real,
    platform,
    files: platform === "windows" && !isOnWindows ? withSlashes(real.files) : real.files,
    time: Date.now(),
    written: "",
    launched: [],
    now: () => runtime.time,
    // Windows looks for the configuration directory elsewhere.
    env: (name) => env[name] || (isOnWindows && name === "LOCALAPPDATA" && env.XDG_CONFIG_HOME) || undefined,
    homeDirectory: () => homeDirectory,
    exists: (path) => existing.includes(path),
    terminal: {
      ...real.terminal,
      isInteractive: () => isInteractive,
      columns: () => 80,
      write: (text) => void (runtime.written += text),
      readLine,
    },
    programs: {
      run: () => Promise.reject(systemError("ENOENT")),
      launch: async (command, args) => {
        runtime.launched.push([command, ...args]);
        if (!launch) throw systemError("ENOENT");
        return await launch(command, args);
      },
    },
    get interruptListeners() {
      return listeners.size;
    },
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    interrupt: (signal) => listeners.forEach((listener) => listener(signal)),
    ...parts,
  };
  return runtime;
}

/** Files as a fake Windows names them: with backslashes, which are no separators here. */
function withSlashes(files: Files): Files {
  const here = (path: string) => path.replaceAll("\\", "/");
  return {
    readText: (path) => files.readText(here(path)),
    createExclusive: (path, text, options) => files.createExclusive(here(path), text, options),
    createHeld: (path, text, options) => files.createHeld(here(path), text, options),
    overwrite: (path, text) => files.overwrite(here(path), text),
    rename: (from, to) => files.rename(here(from), here(to)),
    link: (existing, path) => files.link(here(existing), here(path)),
    syncDirectory: (path) => files.syncDirectory(here(path)),
    remove: (path) => files.remove(here(path)),
    makeDirectory: (path, options) => files.makeDirectory(here(path), options),
    list: (path) => files.list(here(path)),
    modifiedAt: (path) => files.modifiedAt(here(path)),
    inspect: (path) => files.inspect(here(path)),
    realPath: (path) => files.realPath(here(path)),
  };
}

/** An error of the operating system. */
export function systemError(code: string): Error & { code: string } {
  return Object.assign(new Error(code), { code });
}
