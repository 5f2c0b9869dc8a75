import { cancelled, ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { unlessAborted } from "../../core/time.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { Held } from "../../storage/store.ts";
import type { ClientContext, LiveSession } from "../context.ts";
import { underLock } from "./lock.ts";
import { endSession, isFresh, isValid, readRecord, type SessionRecord } from "./record.ts";
import { isLostTurn, isRefreshable, useRefreshToken } from "./refresh_grant.ts";

interface RefreshOptions {
  /** The session whose token did not suffice. */
  seen: LiveSession;
  minValidityMs: number;
  /** Whether to insist on a different token. */
  forceRefresh: boolean;
  signal?: AbortSignal | undefined;
}

const running = new WeakMap<ClientContext, JoinableTask<TokenSet | null>>();

/** The failures already reported to the program. */
const reported = new WeakSet<ClerkCliAuthError>();

/**
 * Refreshes the session, once for all concurrent callers. Returns `null` if the session is over.
 *
 * @throws {ClerkCliAuthError} `token_exchange`, `timeout` or `storage` if the refresh failed for now and the
 * old token does not suffice.
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
    // The refresh we joined was content with the token that we must replace.
    const isOld = isJoining && forceRefresh && tokens?.accessToken === seen.tokens.accessToken;
    return isOld ? await refreshSession(context, options) : tokens;
  } catch (error) {
    return seenUnlessFatal(context, options, error);
  }
}

/** Starts a refresh that others can join. */
function begin(context: ClientContext, options: RefreshOptions): JoinableTask<TokenSet | null> {
  const task = new JoinableTask((signal) =>
    refreshInTurn(context, { ...options, signal })
      .finally(() => running.get(context) === task && running.delete(context))
  );
  running.set(context, task);
  return task;
}

/** How many times to take the lock if the process keeps losing it while suspended. */
const MAX_TURNS = 3;

async function refreshInTurn(context: ClientContext, options: RefreshOptions): Promise<TokenSet | null> {
  const { store, config: { lockTimeoutMs: timeoutMs } } = context;
  for (let turn = 1;; turn++) {
    try {
      return await underLock(store.withLock, (held) => refreshUnderLock(context, options, held), {
        timeoutMs,
        signal: options.signal,
        // Twenty waiting processes need not take the lock in turn just to read the same result.
        findDone: async () => newsIn(await readRecord(context), options, context.runtime.now()),
      });
    } catch (error) {
      if (turn === MAX_TURNS || !isLostTurn(error)) throw error;
    }
  }
}

/** A failed refresh ends nothing: the access token is used while it is valid. */
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

/** Reads the record again under the lock, because another process may have refreshed it. */
async function refreshUnderLock(
  context: ClientContext,
  options: RefreshOptions,
  held: Held,
): Promise<TokenSet | null> {
  const record = await readRecord(context);
  if (record?.kind !== "live") return null;
  const now = context.runtime.now();
  const news = newsIn(record, options, now);
  if (news) return news;
  const { tokens, isRefreshing } = record;
  const isUsable = !options.forceRefresh && isValid(tokens, now);
  if (isRefreshing && isUsable) return tokens; // Its refresh token may be used up: wait until it is needed.
  if (isRefreshable(record)) return await useRefreshToken(context, record, held);
  if (isUsable) return tokens;
  if (isValid(tokens, now)) throw notRefreshable(); // Keep it: the rejection may be wrong.
  return await endSession(context, { reason: "expired", token: tokens.accessToken });
}

function notRefreshable(): ClerkCliAuthError {
  return new ClerkCliAuthError("not_authenticated", "The stored token cannot be refreshed", {
    action: "Sign in again",
  });
}

/** Returns the tokens that another process stored meanwhile, if they are fresh enough. */
function newsIn(
  record: SessionRecord | null,
  { seen, minValidityMs }: RefreshOptions,
  now: number,
): TokenSet | undefined {
  if (record?.kind !== "live" || record.tokens.accessToken === seen.tokens.accessToken) return undefined;
  return isFresh(record, { now, minValidityMs }) ? record.tokens : undefined;
}

/**
 * A running task that others can join. Its signal aborts when the last caller gives up; that caller waits
 * until the task has stopped.
 */
export class JoinableTask<T> {
  #stop = new AbortController();
  #waiting = 0;
  #result: Promise<T>;

  constructor(task: (signal: AbortSignal) => Promise<T>) {
    this.#result = task(this.#stop.signal);
  }

  get isOpen(): boolean {
    return !this.#stop.signal.aborted;
  }

  async join(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    if (!signal) return await this.#result;
    try {
      return await unlessAborted(this.#result, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (--this.#waiting === 0) {
      this.#stop.abort(cancelled(signal));
      await this.#result.catch(() => {});
    }
    throw cancelled(signal);
  }
}
