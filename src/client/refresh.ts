import { ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import { clerkEndpoints } from "../core/issuer.ts";
import { sha256 } from "../core/sha256.ts";
import { refreshRequest } from "../core/token_endpoint.ts";
import type { TokenSet } from "../core/token_set.ts";
import { isFresh, isValid } from "./access_token.ts";
import type { ClientContext } from "./context.ts";
import { exclusively, type Held } from "./exclusive.ts";
import { mergeRefreshed, type RefreshableTokens } from "./refreshed_tokens.ts";
import { saveRefreshed } from "./save_refreshed.ts";
import { type EndedSession, type LiveSession, readRecord, saveRecord } from "./session_record.ts";
import { SharedTask } from "./shared_task.ts";
import { requestTokens } from "./token_request.ts";

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
    return await refreshWith(context, record as RefreshableSession, { held });
  }
  return isUsable ? tokens : await endSession(context, { reason: "expired", token: tokens.accessToken });
}

type RefreshableSession = LiveSession & { tokens: RefreshableTokens };

/** One use of the refresh token, from the mark in the record to the answer in it. */
async function refreshWith(
  context: ClientContext,
  session: RefreshableSession,
  { held, isSecondTry = false }: { held: Held; isSecondTry?: boolean },
): Promise<TokenSet | null> {
  await markRefreshing(context, session);
  if (held && !await held.isStillHeld()) throw lockLost();
  const answer = await sendRefresh(context, session.tokens).catch((error: unknown) => ({ error }));
  if ("error" in answer) {
    return await afterFailure(context, session, { error: answer.error, held, isSecondTry });
  }
  return await saveRefreshed(context, {
    used: session.tokens,
    refreshed: mergeRefreshed(session.tokens, answer),
    held,
  });
}

/**
 * Says in the record, before the refresh token is sent, that it may be used up: a crash until the answer is saved is
 * then recognized. It also shows, while nothing is lost yet, whether the answer could be saved.
 */
async function markRefreshing(context: ClientContext, session: RefreshableSession): Promise<void> {
  if (context.shared && !session.isRefreshing) await saveRecord(context, { ...session, isRefreshing: true });
}

async function sendRefresh(context: ClientContext, { refreshToken }: RefreshableTokens): Promise<TokenSet> {
  const { clientId, issuer } = context.config;
  const request = refreshRequest(clerkEndpoints(issuer).token, { clientId, refreshToken });
  return await requestTokens(context, request, { secrets: [refreshToken] });
}

/**
 * Only `invalid_grant` for the refresh token that is still stored ends the session. Some issuers answer the loser of a
 * race with `invalid_request`: that is worth a second try.
 */
async function afterFailure(
  context: ClientContext,
  session: RefreshableSession,
  { error, held, isSecondTry }: { error: unknown; held: Held; isSecondTry: boolean },
): Promise<TokenSet | null> {
  if (!isClerkCliAuthError(error)) throw error;
  const isRefused = error.oauthError === "invalid_grant";
  const isRetried = error.oauthError === "invalid_request" && !isSecondTry;
  if (!isRefused && !isRetried) {
    if (isUnused(error)) await unmarkRefreshing(context, session);
    throw error;
  }
  const record = await readRecord(context);
  if (record?.kind !== "live") return null;
  if (record.tokens.refreshToken !== session.tokens.refreshToken) return record.tokens;
  if (isRetried) return await refreshWith(context, session, { held, isSecondTry: true });
  const reason = session.isRefreshing ? "refresh_interrupted" : "invalid_grant";
  return await endSession(context, { reason, token: session.tokens.refreshToken });
}

/** Whether the issuer has refused the request without using the refresh token up. */
function isUnused({ status = 0 }: ClerkCliAuthError): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

async function unmarkRefreshing(context: ClientContext, session: RefreshableSession): Promise<void> {
  if (context.shared && !session.isRefreshing) await saveRecord(context, session);
}

/** Replaces the record by the tombstone of its session. */
async function endSession(
  context: ClientContext,
  { reason, token }: { reason: EndedSession["reason"]; token: string },
): Promise<null> {
  await saveRecord(context, { kind: "ended", reason, refreshTokenHash: await sha256(token) });
  context.emit({ type: "session_ended", reason });
  return null;
}

function lockLost(): ClerkCliAuthError {
  return new ClerkCliAuthError("timeout", "Another machine has taken the credentials over", {
    retryable: true,
  });
}
