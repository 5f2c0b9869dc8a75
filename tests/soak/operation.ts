/** What a worker does with an account. */
export type OperationName = "token" | "renew" | "whoami" | "login" | "logout";

/** What a worker reports before and after an operation. */
export type WorkerLine =
  | { begin: OperationName; clientId: string; at: number }
  | { end: OperationResult; at: number };

/** The result of an operation. */
export interface OperationResult {
  /** Whose token or identity it got; `null` for nobody. */
  sub?: string | null;
  /** The code of the error that it failed with. */
  error?: string;
  message?: string;
  /** Why it ended the session, if it did. */
  ended?: string;
}

/** An operation, as the log has it. */
export interface Operation {
  name: OperationName;
  clientId: string;
  runtime: string;
  /** Unix times in milliseconds. */
  beganAt: number;
  endedAt?: number;
  killedAt?: number;
  result?: OperationResult;
}
