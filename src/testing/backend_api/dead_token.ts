import { json } from "../answers.ts";
import type { Instance } from "../instance.ts";
import { ClerkProblem } from "../problems.ts";
import { missingResource } from "./missing_resource.ts";

/** A token that was good once. */
export interface DeadToken {
  /** What kind of token it is. */
  what: string;
  /** The token as it is written, marked as what it is. */
  marked: Record<string, unknown>;
}

/**
 * Answers for a token that was good once.
 *
 * @throws {ClerkProblem} 404 or 400, as the instance behaves.
 */
export function answerDeadToken({ behavior }: Instance, { what, marked }: DeadToken): Response {
  if (behavior.deadTokens === "marked") return json(marked);
  if (behavior.deadTokens === "inactive") return json({ active: false });
  if (behavior.deadTokens === 404) throw missingResource(what);
  throw new ClerkProblem(400, "token_inactive", `${what} is revoked or expired`);
}
