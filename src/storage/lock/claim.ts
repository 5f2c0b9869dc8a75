import { parseJsonObject } from "../../core/json.ts";

/** What a process says of itself where it takes the lock. */
export interface Claim {
  /** Where its beacon listens, on 127.0.0.1. */
  port: number;
  /** What its beacon knows and no other program: who answers to it is the process that made the claim. */
  nonce: string;
  /** The host, or container, that it runs on; `null` where this cannot be known. */
  host: string | null;
}

/** Reads a claim; `undefined` when it is not written to its end yet. */
export function parseClaim(text: string): Claim | undefined {
  const { port, nonce, host } = parseJsonObject(text) ?? {};
  if (typeof port !== "number" || typeof nonce !== "string") return undefined;
  return { port, nonce, host: typeof host === "string" ? host : null };
}

/** The text of a claim; the counter shows those who cannot reach the process that it goes on. */
export function formatClaim(claim: Claim, counter = 0): string {
  return JSON.stringify({ ...claim, counter });
}
