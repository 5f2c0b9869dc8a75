/**
 * Everything that differs between Deno, Node and Bun, as system calls without policy. Failures of the operating
 * system reject with an error whose `code` is the POSIX name (`EACCES`, `ENOSPC`, …).
 */
import type { RandomBytes } from "../core/encoding.ts";
import type { Transport } from "../core/http.ts";
import type { Keyring } from "./keyring.ts";
import type { LocalSocket } from "./local_socket.ts";

/** What the client half needs from the runtime that it runs on. */
export interface Runtime {
  readonly name: "deno" | "node" | "bun";
  readonly platform: Platform;
  /** The current Unix time in milliseconds. */
  now(): number;
  /** Random bytes, from what is loaded soonest: Web Crypto takes Node 2 ms more than `node:crypto`. */
  readonly randomBytes: RandomBytes;
  /** An environment variable; `undefined` when it is unset, empty or may not be read. Never prompts. */
  env(name: string): string | undefined;
  /** The arguments that the program was started with. */
  args(): readonly string[];
  /** Ends the program. */
  exit(code: number): never;
  /** The home directory of the user. */
  homeDirectory(): string | undefined;
  /**
   * What tells this host, since it was started, from others: where two answers are the same, a port of 127.0.0.1 is the
   * same port. `null` where that cannot be told, or may not be read. Never prompts.
   */
  hostIdentity(): string | null;
  /** Whether anything stands at a path; `false` where that may not be looked at. Never prompts. */
  exists(path: string): boolean;
  /** `fetch` for the program's own requests: no file of the working directory chooses where its credential goes. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** A transport that opens a fresh connection for each request. */
  readonly transport: Transport;
  /** Listens on 127.0.0.1; port 0 takes any free one. Rejects with `EADDRINUSE` when the port is taken. */
  serveLoopback(handler: LoopbackHandler, options: { port: number }): Promise<LoopbackServer>;
  readonly tcp: Tcp;
  readonly programs: Programs;
  readonly files: Files;
  readonly keyring: Keyring;
  /** Connects to a socket in the file system. Where this is not permitted (Deno), it rejects with `EACCES`. */
  connectLocal(path: string): Promise<LocalSocket>;
  readonly terminal: Terminal;
  /** Calls `listener` on SIGINT, SIGTERM (and SIGHUP) instead of ending the process; returns how to stop that. */
  onInterrupt(listener: (signal: InterruptSignal) => void): () => void;
  /**
   * Holds the same signals back; the function that it returns then lets the one that came end the process. In Node and
   * Bun nothing happens where the program handles that signal itself; Deno does not tell.
   */
  deferInterrupts(): () => void;
}

/** The signals by which a user, or the system for them, asks a program to end. */
export type InterruptSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

export type Platform = "linux" | "darwin" | "windows" | "other";

export type LoopbackHandler = (request: Request) => Response | Promise<Response>;

export interface LoopbackServer {
  readonly port: number;
  /**
   * Lets the responses that are under way go out, for a tenth of a second at most, then stops listening and ends every
   * connection, idle ones included. Nothing keeps the process alive afterwards.
   */
  close(): Promise<void>;
}

/** TCP on 127.0.0.1, in text. Where it is not permitted (Deno), it rejects with `EACCES` and does not prompt. */
export interface Tcp {
  /** Listens on any free port. Neither the listener nor what it accepts keeps the process alive. */
  listen(onConnection: (connection: TcpConnection) => void): Promise<TcpListener>;
  /** Connects to a port. An abort rejects with the signal's reason; it has no say in a connection that stands. */
  connect(port: number, signal: AbortSignal): Promise<TcpConnection>;
}

export interface TcpListener {
  readonly port: number;
  /** Stops listening and ends every connection that was accepted. */
  close(): Promise<void>;
}

export interface TcpConnection {
  /** The text that came next; `null` when the connection has ended, in whichever way. */
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
  close(): void;
}

export interface Programs {
  /**
   * Runs a program to its end. Arguments go to it as they are, through no shell. An abort kills it and rejects with
   * the signal's reason. Where running it is not permitted (Deno), it rejects with `EACCES` and does not prompt.
   */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /**
   * Starts a program that may outlive us, its standard streams closed, in a process group of its own: an interrupt
   * from the terminal does not reach it. Resolves when it has started; rejects when it cannot be started.
   */
  launch(command: string, args: readonly string[]): Promise<LaunchedProgram>;
}

/** A program that was started and left to itself. */
export interface LaunchedProgram {
  /** Its exit code. Waiting for it does not keep the process alive. */
  readonly exited: Promise<number>;
}

export interface RunOptions {
  /** What the program reads from its standard input; the way to hand it a secret. */
  stdin?: string;
  /** Environment variables to set for it, beside our own. */
  env?: Record<string, string>;
  signal?: AbortSignal;
}

export interface RunResult {
  /** The exit code; 128 and the signal's number where a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface Files {
  /** The text of a file, or `null` when there is none. */
  readText(path: string): Promise<string | null>;
  /** Creates a file that must not exist (`EEXIST`), writes it, and flushes it to the disk (fsync). */
  createExclusive(path: string, text: string, options: CreateOptions): Promise<void>;
  /**
   * Writes over the text of a file that is there, and flushes it. It needs neither a new file nor, for as much text as
   * there was, any more space; cut off in the middle it leaves something of both.
   */
  overwrite(path: string, text: string): Promise<void>;
  /** Renames a file, replacing what is there. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name that must not exist (`EEXIST`). */
  link(existing: string, path: string): Promise<void>;
  /** Flushes a directory's entries to the disk, where the system can. */
  syncDirectory(path: string): Promise<void>;
  /** Removes a file; `false` when there was none. */
  remove(path: string): Promise<boolean>;
  /** Makes a directory and its parents; those that exist are left as they are. */
  makeDirectory(path: string, options: { mode: number }): Promise<void>;
  /** The names in a directory; empty when there is no directory. */
  list(path: string): Promise<string[]>;
  /** What stands at a path, links not followed; `null` when nothing does. */
  inspect(path: string): Promise<Inspection | null>;
  /** The path with its links resolved. */
  realPath(path: string): Promise<string>;
}

/** How a file is created. */
export interface CreateOptions {
  /** The permission bits, less those that the process's mask takes away. */
  mode: number;
  /**
   * Whether the file is on the disk when the call resolves. What means nothing after a crash need not be.
   * @default true
   */
  flush?: boolean;
}

/** What stands at a path. */
export interface Inspection {
  kind: "file" | "directory" | "link" | "other";
  /** The permission bits; 0 on Windows. */
  mode: number;
}

export interface Terminal {
  isInteractive(stream: "stdin" | "stdout" | "stderr"): boolean;
  /** The width of standard error in columns; 80 when it is unknown. */
  columns(): number;
  /** Writes text to standard error, or to standard output where that is named. */
  write(text: string, stream?: "stdout" | "stderr"): void;
  /**
   * Reads one line from standard input, without its line ending; `null` at the end of input. With `hidden` nothing
   * typed is shown. An abort rejects with the signal's reason, restores the terminal, and leaves the next line to
   * the next reader.
   */
  readLine(options?: ReadLineOptions): Promise<string | null>;
}

export interface ReadLineOptions {
  /**
   * Whether what is typed stays invisible.
   * @default false
   */
  hidden?: boolean;
  signal?: AbortSignal;
}
