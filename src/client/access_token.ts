import type { ClientContext } from "./context.ts";
import { readRecord } from "./session_record.ts";
import { isFresh } from "./token_validity.ts";

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
