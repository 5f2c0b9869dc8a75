import type { ClockFault, NetworkFault } from "./fault_names.ts";

/** What a CLI sends to a backend. */
export type TokenKind = "an API key" | "an opaque access token" | "a JWT access token";

/** A fault that a backend can meet when it calls Clerk. */
export type ServerFault = NetworkFault | ClockFault;

/** A backend's response. */
export interface Answered {
  status: number;
  /** The code in its body. */
  error: string;
  exitCode: number;
}

/** The outcome of some faults; once the fault is over, the next request always gets the identity. */
export interface ServerRule {
  faults: readonly ServerFault[];
  answered: Answered;
}
