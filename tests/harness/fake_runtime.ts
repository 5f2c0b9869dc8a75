import {
  type Files,
  type InterruptSignal,
  type LaunchedProgram,
  loadRuntime,
  type Platform,
  type Runtime,
  type Terminal,
} from "../doors/runtime.ts";

/** Differences from the test's own runtime. */
export interface FakeRuntimeOptions {
  /** The whole environment. @default empty */
  env?: Record<string, string>;
  /** @default none */
  homeDirectory?: string;
  /** @default "linux", or "windows" on Windows, whose paths look different */
  platform?: Platform;
  /** Paths that exist. @default none */
  existing?: readonly string[];
  /** Whether standard input and error are a terminal. @default false */
  isInteractive?: boolean;
  /** What is typed. @default the end of input at once */
  readLine?: Terminal["readLine"];
  /** Launches a program. @default it cannot be started */
  launch?: (command: string, args: readonly string[]) => LaunchedProgram | Promise<LaunchedProgram>;
  /** Parts to replace as they are. */
  parts?: Partial<Runtime>;
}

/** The test's own runtime, with a clock, environment, terminal, programs and interrupts that the test controls. */
export interface FakeRuntime extends Runtime {
  /** The time that `now()` returns. */
  time: number;
  /** What was written to standard error. */
  written: string;
  /** Launched programs, with their arguments. */
  readonly launched: string[][];
  /** How many listeners wait for an interrupt. */
  readonly interruptListeners: number;
  /** Sends a signal to its listeners. */
  interrupt(signal: InterruptSignal): void;
}

/** Creates a fake runtime on top of the real one. Requests, the listener and files stay real. */
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
    // Windows has its configuration directory elsewhere.
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

export function systemError(code: string): Error & { code: string } {
  return Object.assign(new Error(code), { code });
}
