/** The part of `Bun` that the adapter uses. */
export interface BunApi {
  serve(options: ServeOptions): BunServer;
  /** `size` is 0 where there is no file. */
  file(path: string): { readonly size: number; text(): Promise<string> };
}

/** The options of `Bun.serve`. */
export interface ServeOptions {
  hostname: string;
  port: number;
  /** Whether an error is answered with a page that shows it. */
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
  /** How many requests are not answered to the end. */
  readonly pendingRequests: number;
  stop(closeActiveConnections: boolean): Promise<void>;
}

/** The `Bun` namespace. */
export const Bun: BunApi = (globalThis as unknown as { Bun: BunApi }).Bun;
