import type { InterruptSignal } from "../runtime.ts";

/** The part of `Deno.HttpClient` that the adapter uses. */
export interface DenoHttpClient {
  close(): void;
}

/**
 * The part of `Deno` that the adapter uses. Each of its modules says `declare const Deno: DenoApi`: so it compiles
 * without Deno's types, and reads the global when called, not when loaded.
 */
export interface DenoApi {
  readonly build: { readonly os: string; readonly standalone: boolean };
  readonly noColor: boolean;
  readonly env: {
    get(name: string): string | undefined;
    set(name: string, value: string): void;
    delete(name: string): void;
  };
  readonly stdin: DenoStandardStream & {
    read(bytes: Uint8Array): Promise<number | null>;
    setRaw(raw: boolean, options: { cbreak: boolean }): void;
  };
  readonly stdout: DenoOutputStream;
  readonly stderr: DenoOutputStream;
  consoleSize(): { columns: number };
  readonly permissions: {
    querySync(descriptor: PermissionDescriptor): { state: "granted" | "prompt" | "denied" };
  };

  readonly args: readonly string[];
  unrefTimer(timer: unknown): void;
  execPath(): string;
  exit(code: number): never;

  hostname(): string;
  uid(): number | null;
  listen(options: { hostname: string; port: number }): DenoListener;

  linkSync(existing: string, path: string): void;
  lstatSync(path: string): DenoFileInfo;
  statSync(path: string): DenoFileInfo;
  mkdirSync(path: string, options: { recursive: boolean; mode: number }): void;
  openSync(
    path: string,
    options: { read?: boolean; write?: boolean; createNew?: boolean; mode?: number },
  ): DenoFile;
  readDirSync(path: string): Iterable<{ name: string }>;
  readLinkSync(path: string): string;
  readTextFileSync(path: string): string;
  realPathSync(path: string): string;
  removeSync(path: string): void;
  renameSync(from: string, to: string): void;

  readonly Command: new (command: string, options: CommandOptions) => { spawn(): DenoChild };
  addSignalListener(signal: InterruptSignal, listener: () => void): void;
  removeSignalListener(signal: InterruptSignal, listener: () => void): void;

  connect(options: ConnectOptions): Promise<DenoConnection>;
  serve(
    options: ServeOptions,
    handler: (request: Request, info: { completed: Promise<void> }) => Promise<Response>,
  ): DenoHttpServer;
  createHttpClient(options: { poolMaxIdlePerHost: number; http2: boolean }): DenoHttpClient;
}

export type PermissionDescriptor =
  | { name: "env"; variable: string }
  | { name: "net"; host: string }
  | { name: "read" | "write"; path: string }
  | { name: "run"; command: string }
  | { name: "sys"; kind: string }
  | { name: "ffi" };

export type ConnectOptions =
  | { hostname: string; port: number; signal: AbortSignal }
  | { transport: "unix"; path: string };

export interface DenoFileInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
  readonly mode: number | null;
  readonly uid: number | null;
}

export interface DenoFile {
  writeSync(bytes: Uint8Array): number;
  seekSync(offset: number, whence: 0): number;
  statSync(): { readonly mtime: Date | null };
  syncSync(): void;
  syncDataSync(): void;
  truncateSync(length: number): void;
  close(): void;
}

export interface DenoHttpServer {
  readonly addr: { readonly port: number };
  readonly finished: Promise<void>;
}

export interface CommandOptions {
  args: readonly string[];
  env?: Record<string, string>;
  stdin: "piped" | "null";
  stdout: "piped" | "null";
  stderr: "piped" | "null";
  detached?: boolean;
}

export interface DenoChild {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly status: Promise<{ code: number }>;
  kill(signal: "SIGKILL"): void;
  unref(): void;
}

export interface DenoListener {
  readonly addr: { readonly port: number };
  accept(): Promise<DenoConnection>;
  ref(): void;
  unref(): void;
  close(): void;
}

export interface DenoConnection {
  read(bytes: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  unref(): void;
  close(): void;
}

export interface DenoStandardStream {
  isTerminal(): boolean;
}

export interface DenoOutputStream extends DenoStandardStream {
  writeSync(bytes: Uint8Array): number;
}

/** `completed` settles when the response has been sent or cannot be. */
export type ServeHandler = (
  request: Request,
  info: { readonly completed: Promise<void> },
) => Promise<Response>;

export interface ServeOptions {
  hostname: string;
  port: number;
  signal: AbortSignal;
  onListen(): void;
}
