import { cancelled } from "../core/cancelled.ts";
import { isClerkCliAuthError } from "../core/errors.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import { endSession } from "./end_session.ts";
import { exclusively } from "./exclusive.ts";
import type { Held } from "./under_lock.ts";
import { type LiveSession, readRecord } from "./session_record.ts";
import { SharedTask } from "./shared_task.ts";
import { isFresh, isValid } from "./token_validity.ts";
import { type RefreshableSession, useRefreshToken } from "./use_refresh_token.ts";

/** Why and how a session is refreshed. */
export interface RefreshOptions {
  /** The session that the caller read and found wanting. */
  seen: LiveSession;
  minValidityMs: number;
  /** Whether only another token than the one seen will do. */
  forceRefresh: boolean;
  signal?: AbortSignal | undefined;
}

const running = new WeakMap<ClientContext, SharedTask<TokenSet | null>>();

/**
 * Refreshes the session once for all who ask at the same time; `null` when it is over.
 *
 * @throws {ClerkCliAuthError} `token_exchange`, `timeout` or `storage` when it failed for now and the token seen will
 * not do.
 */
export async function refreshSession(
  context: ClientContext,
  options: RefreshOptions,
): Promise<TokenSet | null> {
  if (options.signal?.aborted) throw cancelled(options.signal);
  const joined = running.get(context);
  if (joined?.isOpen) return await joined.join(options.signal);
  const task = new SharedTask((signal) =>
    refreshAlone(context, options, signal).finally(() =>
      running.get(context) === task && running.delete(context)
    )
  );
  running.set(context, task);
  return await task.join(options.signal);
}

/** Takes the lock. A failure ends nothing: while the access token is still valid, it is used. */
async function refreshAlone(
  context: ClientContext,
  options: RefreshOptions,
  signal: AbortSignal,
): Promise<TokenSet | null> {
  const { seen: { tokens }, forceRefresh } = options;
  try {
    const lock = { timeoutMs: context.config.requestTimeoutMs, signal };
    return await exclusively(context, (held) => refreshUnderLock(context, options, held), lock);
  } catch (error) {
    const isFatal = forceRefresh || signal.aborted || !isClerkCliAuthError(error);
    if (isFatal || !isValid(tokens, context.runtime.now())) throw error;
    context.emit({ type: "refresh_failed", code: error.code, message: error.message });
    return tokens;
  }
}

/** What another process has stored meanwhile is used instead of a refresh. */
async function refreshUnderLock(
  context: ClientContext,
  options: RefreshOptions,
  held: Held,
): Promise<TokenSet | null> {
  const record = await readRecord(context);
  if (record?.kind !== "live") return null;
  const { tokens, isRefreshing } = record;
  const { seen, minValidityMs, forceRefresh } = options;
  const now = context.runtime.now();
  const isNews = tokens.accessToken !== seen.tokens.accessToken;
  if (isNews && isFresh(record, { now, minValidityMs })) return tokens;
  const isUsable = !forceRefresh && isValid(tokens, now);
  if (isRefreshing && isUsable) return tokens; // Its refresh token may be used up: there is time until it is needed.
  if (tokens.refreshToken !== undefined) {
    return await useRefreshToken(context, record as RefreshableSession, { held });
  }
  return isUsable ? tokens : await endSession(context, { reason: "expired", token: tokens.accessToken });
}
