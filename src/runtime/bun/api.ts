/** The part of `Bun` that the adapter uses. */
export interface BunApi {
  serve(options: ServeOptions): BunServer;
  /** Returns the real path of a module or another file; throws if there is none. Caches what it saw. */
  resolveSync(path: string, directory: string): string;
  /** With 0 it takes less than a millisecond, unlike a timer. */
  sleep(durationMs: number): Promise<void>;
  connect(options: ConnectOptions): Promise<BunSocket>;
  listen(options: ListenOptions): BunListener;
  /** `size` is 0 if there is no file. */
  file(path: string): { readonly size: number; text(): Promise<string> };
}

export interface ConnectOptions {
  unix: string;
  socket: {
    data(socket: BunSocket, bytes: Uint8Array): void;
    close(socket: BunSocket): void;
    error(socket: BunSocket): void;
  };
}

export interface ListenOptions {
  hostname: string;
  port: number;
  socket: ConnectOptions["socket"] & { open(socket: BunSocket): void };
}

export interface BunListener {
  readonly port: number;
  unref(): void;
  stop(closeActiveConnections: boolean): void;
}

export interface BunSocket {
  write(bytes: Uint8Array): number;
  end(): void;
  unref(): void;
}

export interface ServeOptions {
  hostname: string;
  port: number;
  /** Whether errors get a response that shows them. */
  development: boolean;
  /** Whether other processes may listen on the same port. */
  reusePort: boolean;
  /** In seconds; 0 for no limit. */
  idleTimeout: number;
  fetch(request: Request): Promise<Response>;
  error(): Response;
}

export interface BunServer {
  readonly port: number;
  /** Requests without a complete response. */
  readonly pendingRequests: number;
  stop(closeActiveConnections: boolean): Promise<void>;
}

export const Bun: BunApi = (globalThis as unknown as { Bun: BunApi }).Bun;
