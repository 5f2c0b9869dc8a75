import type { AuthenticateRequestState, ClerkClientLike } from "@clerk/cli-auth/server";
import { apiError } from "./api_error.ts";

/** How Clerk behaves. */
export interface Behavior {
  /** How long it takes, in milliseconds. */
  latencyMs: number;
  /** How many calls it accepts within ten seconds before it responds with 429. */
  limit: number;
  /** What is wrong with it. */
  trouble?: "down" | "hangs" | "refuses our key" | undefined;
  /** Whether it only fails for calls about users. */
  forgetsUsers?: boolean;
}

/** A client whose Clerk accepts tokens that start with `ak_good`, takes a given time, and counts calls. */
export interface BusyClerk {
  client: ClerkClientLike;
  behavior: Behavior;
  /** When calls came, Unix time in milliseconds. */
  calls: number[];
  /** The number of calls about users. */
  lookups: number;
  /** The number of 429 responses. */
  limited: number;
  /** The highest number of concurrent calls. */
  mostAtOnce: number;
}

const WINDOW_MS = 10_000;

/** Makes one. */
export function createBusyClerk(behavior: Partial<Behavior> = {}): BusyClerk {
  let atOnce = 0;
  const clerk: BusyClerk = {
    behavior: { latencyMs: 50, limit: 1_000, ...behavior },
    calls: [],
    lookups: 0,
    limited: 0,
    mostAtOnce: 0,
    client: {
      authenticateRequest: async (request) => {
        const token = request.headers.get("authorization")?.slice("Bearer ".length) ?? "";
        return await answer(() => verdictOn(token)).then(accepted, refused);
      },
      users: {
        getUser: (id) =>
          answer(() => {
            clerk.lookups++;
            if (clerk.behavior.forgetsUsers) throw apiError(503);
            return { id, firstName: "Ada", emailAddresses: [] };
          }),
      },
    },
  };

  async function answer<T>(verdict: () => T): Promise<T> {
    const { latencyMs, limit, trouble } = clerk.behavior;
    const now = Date.now();
    clerk.calls.push(now);
    clerk.mostAtOnce = Math.max(clerk.mostAtOnce, ++atOnce);
    try {
      if (trouble === "hangs") await new Promise<never>(() => {});
      await new Promise<void>((resolve) => setTimeout(resolve, latencyMs));
      if (trouble === "down") throw apiError(503);
      if (trouble === "refuses our key") throw apiError(401);
      if (callsWithin(clerk.calls, now) > limit) {
        clerk.limited++;
        throw apiError(429);
      }
      return verdict();
    } finally {
      atOnce--;
    }
  }
  return clerk;
}

function accepted(auth: unknown): AuthenticateRequestState {
  return { isAuthenticated: true, toAuth: () => auth };
}

// As `@clerk/backend` reports what its API says.
function refused({ status }: { status: number }): AuthenticateRequestState {
  const reason = status === 404
    ? "token-invalid"
    : status === 401
    ? "secret-key-invalid"
    : "unexpected-error";
  return { isAuthenticated: false, reason, message: `failed (status=${status})`, toAuth: () => null };
}

function verdictOn(token: string): unknown {
  if (!token.startsWith("ak_good")) throw apiError(404);
  return { tokenType: "api_key", id: "ak_1", subject: `user_${token}`, scopes: [], claims: null };
}

/** How many calls came in the ten seconds up to a moment. */
export function callsWithin(calls: readonly number[], end: number): number {
  let count = 0;
  for (let index = calls.length - 1; index >= 0 && calls[index]! > end - WINDOW_MS; index--) {
    if (calls[index]! <= end) count++;
  }
  return count;
}
