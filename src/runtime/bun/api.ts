/** The part of `Bun` that the adapter uses. */
export interface BunApi {
  serve(options: ServeOptions): BunServer;
  /** The real path of a module or another file; throws if there is none. It remembers what it has seen. */
  resolveSync(path: string, directory: string): string;
  /** With 0 it takes less than a millisecond, unlike a timer. */
  sleep(durationMs: number): Promise<void>;
  connect(options: ConnectOptions): Promise<BunSocket>;
  listen(options: ListenOptions): BunListener;
  /** `size` is 0 if there is no file. */
  file(path: string): { readonly size: number; text(): Promise<string> };
}

/** The options of `Bun.connect`. */
export interface ConnectOptions {
  unix: string;
  socket: {
    data(socket: BunSocket, bytes: Uint8Array): void;
    close(socket: BunSocket): void;
    error(socket: BunSocket): void;
  };
}

/** The options of `Bun.listen`. */
export interface ListenOptions {
  hostname: string;
  port: number;
  socket: ConnectOptions["socket"] & { open(socket: BunSocket): void };
}

/** A listener that `Bun.listen` started. */
export interface BunListener {
  readonly port: number;
  unref(): void;
  stop(closeActiveConnections: boolean): void;
}

/** A connection that `Bun.connect` made or `Bun.listen` accepted. */
export interface BunSocket {
  write(bytes: Uint8Array): number;
  end(): void;
  unref(): void;
}

/** The options of `Bun.serve`. */
export interface ServeOptions {
  hostname: string;
  port: number;
  /** Whether the response to an error is a page that shows it. */
  development: boolean;
  /** Whether other processes may listen on the same port. */
  reusePort: boolean;
  /** In seconds; 0 for no limit. */
  idleTimeout: number;
  fetch(request: Request): Promise<Response>;
  error(): Response;
}

/** A server that `Bun.serve` started. */
export interface BunServer {
  readonly port: number;
  /** How many requests have no complete response yet. */
  readonly pendingRequests: number;
  stop(closeActiveConnections: boolean): Promise<void>;
}

/** The `Bun` namespace. */
export const Bun: BunApi = (globalThis as unknown as { Bun: BunApi }).Bun;
