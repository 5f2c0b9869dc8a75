import type { TokenSet } from "../core/token_set.ts";
import type { LiveSession } from "./session_record.ts";

/** How far a clock may be set back before what it says of an expiry is no longer believed, in milliseconds. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Whether a session's access token need not be refreshed. */
export function isFresh(
  { tokens, savedAt = 0 }: LiveSession,
  { now, minValidityMs }: { now: number; minValidityMs: number },
): boolean {
  return isValid(tokens, now + minValidityMs) && now > savedAt - CLOCK_TOLERANCE_MS;
}

/** Whether the access token is valid at a time. One of unknown lifetime is used until the server refuses it. */
export function isValid({ expiresAt }: TokenSet, at: number): boolean {
  return expiresAt === undefined || expiresAt > at;
}
