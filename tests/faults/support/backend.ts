import { handle } from "@clerk/cli-auth/server";
import { createCliAuth } from "../../doors/server.ts";
import type { Answered } from "./server_rule.ts";

/** What a backend is made of. */
export interface BackendOptions {
  /** The address of Clerk's Backend API. */
  apiUrl: string;
  secretKey: string;
}

/** How long a backend waits for Clerk, in milliseconds. */
export const TIMEOUT_MS = 30_000;

/** A backend, with a clock of its own. */
export interface Backend {
  /** Sends it a token; gives what it answered. */
  ask(token: string): Promise<Answered>;
  /** Sets its clock, by how much it is to be ahead, in milliseconds. */
  setClock(aheadMs: number): void;
}

/** Makes a backend. */
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
