import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import { type LiveSession, readRecord } from "./session_record.ts";

/** How an access token is asked for. */
export interface AccessTokenOptions {
  /** Gives the call up. A refresh that was already sent is finished and saved first. */
  signal?: AbortSignal;
  /**
   * How long the token must still be valid, in milliseconds; one that expires sooner is refreshed.
   * @default 30000
   */
  minValidityMs?: number;
  /**
   * Refreshes also a token that looks valid, such as one that the backend refused.
   * @default false
   */
  forceRefresh?: boolean;
}

/** The stored access token, refreshed where it is due; `null` when nobody is signed in. */
export async function getAccessToken(
  context: ClientContext,
  options: AccessTokenOptions = {},
): Promise<string | null> {
  const { minValidityMs = 30_000, forceRefresh = false, signal } = options;
  const record = await readRecord(context);
  if (record?.kind !== "live") return null;
  if (!forceRefresh && isFresh(record, { now: context.runtime.now(), minValidityMs })) {
    return record.tokens.accessToken;
  }
  const { refreshSession } = await import("./refresh.ts");
  const tokens = await refreshSession(context, { seen: record, minValidityMs, forceRefresh, signal });
  return tokens?.accessToken ?? null;
}

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
