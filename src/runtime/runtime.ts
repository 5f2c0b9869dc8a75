/**
 * Everything that differs between Deno, Node and Bun, as system calls without policy. Failures of the operating system
 * reject with an error whose `code` is the POSIX name (`EACCES`, `ENOSPC`, …).
 */
import type { RandomBytes } from "../core/encoding.ts";
import type { Transport } from "../core/http.ts";
import type { Keyring } from "./keyring.ts";
import type { LocalSocket } from "./local_socket.ts";

/** What the client needs from its runtime. */
export interface Runtime {
  readonly name: "deno" | "node" | "bun";
  readonly platform: Platform;
  /** Unix time in milliseconds. */
  now(): number;
  /** Uses the source that loads fastest: in Node, Web Crypto takes 2 ms more than `node:crypto`. */
  readonly randomBytes: RandomBytes;
  /** Reads an environment variable; `undefined` if it is unset, empty or may not be read. Never prompts. */
  env(name: string): string | undefined;
  args(): readonly string[];
  /** Ends the program. */
  exit(code: number): never;
  homeDirectory(): string | undefined;
  /**
   * Identifies this host until it restarts: processes with equal values share the ports of 127.0.0.1. `null` if that is
   * unknown or may not be read. Never prompts.
   */
  hostIdentity(): string | null;
  /** Whether anything exists at a path; `false` if that may not be checked. Never prompts. */
  exists(path: string): boolean;
  /** `fetch` for the program's own requests. No file in the working directory chooses where its credentials go. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Opens a new connection for each request. */
  readonly transport: Transport;
  /** Keeps a connection for the requests of one task. */
  keepConnection(): Promise<KeptConnection>;
  /** Whether requests go through the proxy that `HTTPS_PROXY` or `HTTP_PROXY` names: Node has to be told to. */
  usesProxyVariables(): boolean;
  /** Listens on 127.0.0.1; port 0 means any free port. Rejects with `EADDRINUSE` if the port is in use. */
  serveLoopback(handler: LoopbackHandler, options: { port: number }): Promise<LoopbackServer>;
  readonly tcp: Tcp;
  readonly programs: Programs;
  readonly files: Files;
  readonly keyring: Keyring;
  /** Connects to a socket in the file system. Rejects with `EACCES` if that is not permitted (Deno). */
  connectLocal(path: string): Promise<LocalSocket>;
  readonly terminal: Terminal;
  /** Calls `listener` on a signal instead of ending the process. Returns a function that stops this. */
  onInterrupt(listener: (signal: InterruptSignal) => void): () => void;
  /**
   * Holds back these signals. The returned function lets the one that came end the process. In Node and Bun it does
   * nothing if the program handles that signal itself; Deno cannot tell.
   */
  deferInterrupts(): () => void;
}

/** Signals by which a user, or the system on their behalf, asks a program to end. */
export type InterruptSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

export type Platform = "linux" | "darwin" | "windows" | "other";

export type LoopbackHandler = (request: Request) => Response | Promise<Response>;

export interface LoopbackServer {
  readonly port: number;
  /**
   * Waits up to a tenth of a second for responses to go out, then stops listening and ends every connection, idle ones
   * included. Nothing keeps the process alive afterwards.
   */
  close(): Promise<void>;
}

/** What a task sends its requests on. */
export interface KeptConnection {
  /**
   * Opens a new connection for each POST, which must not be sent twice. A GET may use the one that the last request left
   * (not in Bun), and is sent again if that has dropped.
   */
  readonly transport: Transport;
  /** Closes what is left open. */
  close(): void;
}

/** TCP on 127.0.0.1, as text. Rejects with `EACCES`, without a prompt, if it is not permitted (Deno). */
export interface Tcp {
  /** Listens on any free port. Neither the listener nor its connections keep the process alive. */
  listen(onConnection: (connection: TcpConnection) => void): Promise<TcpListener>;
  /** Connects to a port. An abort rejects with the signal's reason, but does not affect an open connection. */
  connect(port: number, signal: AbortSignal): Promise<TcpConnection>;
}

export interface TcpListener {
  readonly port: number;
  /** Stops listening and ends every accepted connection. */
  close(): Promise<void>;
}

export interface TcpConnection {
  /** Reads the next text; `null` once the connection has ended, in whatever way. */
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
  close(): void;
}

export interface Programs {
  /**
   * Runs a program to its end. Arguments are passed as they are, without a shell. An abort kills the program and
   * rejects with the signal's reason. Rejects with `EACCES`, without a prompt, if running it is not permitted (Deno).
   */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /**
   * Starts a program that may outlive us, with its standard streams closed and in its own process group: an interrupt
   * from the terminal does not reach it. Resolves once it has started; rejects if it cannot be.
   */
  launch(command: string, args: readonly string[]): Promise<LaunchedProgram>;
}

export interface LaunchedProgram {
  /** Its exit code. Waiting for it does not keep the process alive. */
  readonly exited: Promise<number>;
}

export interface RunOptions {
  /** The program's standard input; the way to pass it a secret. */
  stdin?: string;
  /** Environment variables to set for it, in addition to our own. */
  env?: Record<string, string>;
  signal?: AbortSignal;
}

export interface RunResult {
  /** The exit code; 128 plus the signal number if a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface Files {
  /** Reads a file; `null` if there is none. */
  readText(path: string): Promise<string | null>;
  /** Creates a file that must not exist (`EEXIST`), writes it, and flushes it to disk (fsync). */
  createExclusive(path: string, text: string, options: CreateOptions): Promise<void>;
  /** Creates a file that must not exist (`EEXIST`), and keeps it open. Does not flush it. */
  createHeld(path: string, text: string, options: { mode: number }): Promise<HeldFile>;
  /**
   * Overwrites an existing file and flushes it. Takes no new file, and more space only for a longer text. If
   * interrupted, parts of both texts remain.
   */
  overwrite(path: string, text: string): Promise<void>;
  /** Renames a file, replacing what is there. On Windows, waits a while if others are reading it. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name that must not exist (`EEXIST`). */
  link(existing: string, path: string): Promise<void>;
  /** Flushes a directory's entries to disk, if the system can. */
  syncDirectory(path: string): Promise<void>;
  /** Removes a file; `false` if there was none. */
  remove(path: string): Promise<boolean>;
  /** Creates a directory and its parents. Leaves existing ones as they are. */
  makeDirectory(path: string, options: { mode: number }): Promise<void>;
  /** Lists the names in a directory; empty if there is no directory. */
  list(path: string): Promise<string[]>;
  /**
   * When a file was last written, in Unix ms by its file system's clock; `null` if there is none. Opens the file, which
   * makes a network file system ask its server.
   */
  modifiedAt(path: string): Promise<number | null>;
  /** What is at a path, without following links; `null` if nothing is. */
  inspect(path: string): Promise<Inspection | null>;
  /** Resolves the links in a path. */
  realPath(path: string): Promise<string>;
}

/** A file that is kept open, so that it can be written even if no more files can be opened. */
export interface HeldFile {
  /** Writes the same text again and flushes it, so that others see the write, even over a network. */
  rewrite(): Promise<void>;
  close(): Promise<void>;
}

export interface CreateOptions {
  /** The permission bits, minus those that the process's umask removes. */
  mode: number;
  /**
   * Whether the file is on disk when the call resolves. One that means nothing after a crash need not be.
   * @default true
   */
  flush?: boolean;
}

export interface Inspection {
  kind: "file" | "directory" | "link" | "other";
  /** The permission bits; 0 on Windows. */
  mode: number;
}

export interface Terminal {
  isInteractive(stream: "stdin" | "stdout" | "stderr"): boolean;
  /** The width of standard error in columns; 80 if unknown. */
  columns(): number;
  /** Writes to standard error by default. */
  write(text: string, stream?: "stdout" | "stderr"): void;
  /**
   * Reads one line from standard input, without its line ending; `null` at the end of the input. With `hidden`, nothing
   * typed is shown. An abort rejects with the signal's reason, restores the terminal, and leaves the next line to the
   * next reader.
   */
  readLine(options?: ReadLineOptions): Promise<string | null>;
}

export interface ReadLineOptions {
  /**
   * Whether to hide what is typed.
   * @default false
   */
  hidden?: boolean;
  signal?: AbortSignal;
}
