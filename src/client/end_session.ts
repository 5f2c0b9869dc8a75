import { sha256 } from "../core/sha256.ts";
import type { ClientContext } from "./context.ts";
import { type EndedSession, saveRecord } from "./session_record.ts";

/** Replaces the record by the tombstone of its session. */
export async function endSession(
  context: ClientContext,
  { reason, token }: { reason: EndedSession["reason"]; token: string },
): Promise<null> {
  await saveRecord(context, { kind: "ended", reason, refreshTokenHash: await sha256(token) });
  context.emit({ type: "session_ended", reason });
  return null;
}
