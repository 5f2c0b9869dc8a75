import type { ClockFault, NetworkFault } from "./fault_names.ts";

/** What a CLI sends to a backend. */
export type TokenKind = "an API key" | "an opaque access token" | "a JWT access token";

/** What a backend can meet when it asks Clerk. */
export type ServerFault = NetworkFault | ClockFault;

/** What a backend answers. */
export interface Answered {
  status: number;
  /** The code in its body. */
  error: string;
  exitCode: number;
}

/** What some faults come to; the next request, once the fault is over, is always answered with the identity. */
export interface ServerRule {
  faults: readonly ServerFault[];
  answered: Answered;
}
