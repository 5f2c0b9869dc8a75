import { cancelled } from "../core/cancelled.ts";
import { type ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import { endSession } from "./end_session.ts";
import { exclusively } from "./exclusive.ts";
import type { Held } from "./under_lock.ts";
import { type LiveSession, readRecord, type SessionRecord } from "./session_record.ts";
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

/** The failures that the program was told of. */
const reported = new WeakSet<ClerkCliAuthError>();

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
  const { seen, forceRefresh, signal } = options;
  if (signal?.aborted) throw cancelled(signal);
  const begun = running.get(context);
  const isJoining = begun?.isOpen ?? false;
  try {
    const tokens = await (isJoining ? begun! : begin(context, options)).join(signal);
    // It was begun for a caller to whom the token would do that this one has seen.
    const isOld = isJoining && forceRefresh && tokens?.accessToken === seen.tokens.accessToken;
    return isOld ? await refreshSession(context, options) : tokens;
  } catch (error) {
    return seenUnlessFatal(context, options, error);
  }
}

/** Takes the lock. */
function begin(context: ClientContext, options: RefreshOptions): SharedTask<TokenSet | null> {
  const { requestTimeoutMs: timeoutMs } = context.config;
  const task = new SharedTask((signal) =>
    exclusively(context, (held) => refreshUnderLock(context, options, held), {
      timeoutMs,
      signal,
      // Twenty processes that wait for one refresh need not take the lock one after the other to read what it gave.
      findDone: async () => newsIn(await readRecord(context), options, context.runtime.now()),
    })
      .finally(() => running.get(context) === task && running.delete(context))
  );
  running.set(context, task);
  return task;
}

/** A failure ends nothing: while the access token is still valid, it is used. */
function seenUnlessFatal(
  context: ClientContext,
  { seen: { tokens }, forceRefresh, signal }: RefreshOptions,
  error: unknown,
): TokenSet {
  if (forceRefresh || signal?.aborted || !isClerkCliAuthError(error)) throw error;
  if (!isValid(tokens, context.runtime.now())) throw error;
  if (!reported.has(error)) {
    reported.add(error);
    context.emit({ type: "refresh_failed", code: error.code, message: error.message });
  }
  return tokens;
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
  const { forceRefresh } = options;
  const now = context.runtime.now();
  const news = newsIn(record, options, now);
  if (news) return news;
  const isUsable = !forceRefresh && isValid(tokens, now);
  if (isRefreshing && isUsable) return tokens; // Its refresh token may be used up: there is time until it is needed.
  if (tokens.refreshToken !== undefined) {
    return await useRefreshToken(context, record as RefreshableSession, held);
  }
  return isUsable ? tokens : await endSession(context, { reason: "expired", token: tokens.accessToken });
}

/** The tokens that another process has stored since the caller looked, where they will do. */
function newsIn(
  record: SessionRecord | null,
  { seen, minValidityMs }: RefreshOptions,
  now: number,
): TokenSet | undefined {
  if (record?.kind !== "live" || record.tokens.accessToken === seen.tokens.accessToken) return undefined;
  return isFresh(record, { now, minValidityMs }) ? record.tokens : undefined;
}
