import { ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import { isSha256Of } from "../core/sha256.ts";
import { refreshRequest } from "../core/token_endpoint.ts";
import { tokenSecrets } from "../core/token_secrets.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import { endSession } from "./end_session.ts";
import { issuerEndpoints } from "./issuer_metadata.ts";
import { mergeRefreshed, type RefreshableTokens } from "./refreshed_tokens.ts";
import { saveRefreshed } from "./save_refreshed.ts";
import { type LiveSession, readRecord, removeRecord, saveRecord } from "./session_record.ts";
import { requestTokens } from "./token_request.ts";
import { type Held, isLost } from "./under_lock.ts";

/** A session that has a refresh token. */
export type RefreshableSession = LiveSession & { tokens: RefreshableTokens };

/**
 * A refresh asks for metadata that is older than this, in milliseconds: half of what it may be, so that it does not run
 * out before the next refresh, which is where it is stored.
 */
const RENEWAL_AGE_MS = 12 * 60 * 60 * 1000;

/** One use of a refresh token. */
export interface RefreshAttempt {
  held: Held;
  /** The token endpoint. */
  endpoint: string;
  isSecondTry?: boolean;
}

/**
 * Uses the refresh token; an interrupt waits until the answer is saved. `null` when the session is over.
 *
 * @throws {ClerkCliAuthError} when it failed for now.
 */
export async function useRefreshToken(
  context: ClientContext,
  session: RefreshableSession,
  held: Held,
): Promise<TokenSet | null> {
  const { token: endpoint } = await issuerEndpoints(context, { maxAgeMs: RENEWAL_AGE_MS });
  const letInterrupts = context.runtime.deferInterrupts();
  try {
    return await sendAndSave(context, session, { held, endpoint });
  } finally {
    letInterrupts();
  }
}

/** From the mark in the record to the answer in it: what is cut off in between may cost the session. */
async function sendAndSave(
  context: ClientContext,
  session: RefreshableSession,
  attempt: RefreshAttempt,
): Promise<TokenSet | null> {
  const { held, endpoint } = attempt;
  if (await isLost(held)) throw lockLost(); // The mark would put these tokens in the place of newer ones.
  await markRefreshing(context, session);
  if (await removeLoggedOut(context, session.tokens)) return null;
  if (await isLost(held)) throw lockLost();
  const answer = await sendRefresh(context, session.tokens, endpoint).catch((error: unknown) => ({ error }));
  if ("error" in answer) return await afterFailure(context, session, { ...attempt, error: answer.error });
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

/**
 * Removes the record where a logout that could not wait for the lock has named its refresh token meanwhile: what was saved
 * since has brought it back.
 */
async function removeLoggedOut(
  context: ClientContext,
  { refreshToken }: RefreshableTokens,
): Promise<boolean> {
  const isLoggedOut = await isSha256Of(await context.shared?.tombstone.read(), refreshToken);
  if (isLoggedOut) await removeRecord(context);
  return isLoggedOut;
}

async function sendRefresh(
  context: ClientContext,
  tokens: RefreshableTokens,
  endpoint: string,
): Promise<TokenSet> {
  const { refreshToken } = tokens;
  const request = refreshRequest(endpoint, { clientId: context.config.clientId, refreshToken });
  return await requestTokens(context, request, { secrets: tokenSecrets(tokens) });
}

/**
 * Only `invalid_grant` for the refresh token that is still stored ends the session; an answer that says "later" (429,
 * 5xx) never does, whatever its body holds. Some issuers answer the loser of a race with `invalid_request`: that is
 * worth a second try.
 */
async function afterFailure(
  context: ClientContext,
  session: RefreshableSession,
  { error, ...attempt }: RefreshAttempt & { error: unknown },
): Promise<TokenSet | null> {
  if (!isClerkCliAuthError(error)) throw error;
  const said = error.retryable ? undefined : error.oauthError;
  const isRefused = said === "invalid_grant";
  const isRetried = said === "invalid_request" && !attempt.isSecondTry;
  if (!isRefused && !isRetried) {
    if (isUnused(error) && !await isLost(attempt.held)) await unmarkRefreshing(context, session);
    throw error;
  }
  const record = await readRecord(context);
  if (record?.kind !== "live") return null;
  if (record.tokens.refreshToken !== session.tokens.refreshToken) return record.tokens;
  if (isRetried) return await sendAndSave(context, session, { ...attempt, isSecondTry: true });
  const reason = session.isRefreshing ? "refresh_interrupted" : "invalid_grant";
  return await endSession(context, { reason, token: session.tokens.refreshToken });
}

/** Whether the issuer has refused the request without using the refresh token up. */
function isUnused({ status = 0 }: ClerkCliAuthError): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

async function unmarkRefreshing(context: ClientContext, session: RefreshableSession): Promise<void> {
  if (!context.shared || session.isRefreshing) return;
  await saveRecord(context, session);
  await removeLoggedOut(context, session.tokens);
}

function lockLost(): ClerkCliAuthError {
  return new ClerkCliAuthError("timeout", "Another machine has taken the credentials over", {
    retryable: true,
  });
}
