import { handle } from "@clerk/cli-auth/server";
import { createCliAuth } from "../../doors/server.ts";
import type { Answered } from "./server_rule.ts";

/** How to create a backend. */
export interface BackendOptions {
  /** The URL of Clerk's Backend API. */
  apiUrl: string;
  secretKey: string;
}

/** How long a backend waits for Clerk, in milliseconds. */
export const TIMEOUT_MS = 30_000;

/** A backend with its own clock. */
export interface Backend {
  /** Sends it a token; returns its response. */
  ask(token: string): Promise<Answered>;
  /** Sets how far its clock is ahead, in milliseconds. */
  setClock(aheadMs: number): void;
}

/** Creates a backend. */
export function makeBackend({ apiUrl, secretKey }: BackendOptions): Backend {
  let ahead = 0;
  const auth = createCliAuth(
    { clientConfig: { apiUrl, secretKey, telemetry: { disabled: true } }, requestTimeoutMs: TIMEOUT_MS },
    { variable: () => undefined, now: () => Date.now() + ahead },
  );
  const route = handle({ auth, onError: () => {} });
  return {
    async ask(token) {
      const headers = { authorization: `Bearer ${token}` };
      const response = await route(new Request("https://api.example.com/me", { headers }));
      const { error = "none", exit_code: exitCode = 0 } = await response.json();
      return { status: response.status, error, exitCode };
    },
    setClock: (aheadMs) => void (ahead = aheadMs),
  };
}
