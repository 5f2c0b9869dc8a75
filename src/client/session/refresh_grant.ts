import { isSha256Of } from "../../core/encoding.ts";
import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { decodeJwtClaims } from "../../core/jwt.ts";
import { tokenSecrets } from "../../core/redact.ts";
import { refreshRequest } from "../../core/token_endpoint.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { issuerEndpoints } from "../issuer/endpoints.ts";
import { requestTokens } from "../issuer/requests.ts";
import { type Held, isLost } from "./lock.ts";
import { endSession, type LiveSession, readRecord, removeRecord, saveRecord } from "./record.ts";
import { revokeTokens } from "./revocation.ts";

/** Tokens that can be refreshed. */
export type RefreshableTokens = TokenSet & { refreshToken: string };

/**
 * The tokens after a refresh: what it does not give again stays (RFC 6749, sections 5.1 and 6), but for the expiry of
 * the old access token.
 *
 * @throws {ClerkCliAuthError} `token_exchange` when the new tokens are somebody else's (OpenID Connect Core 1.0,
 * section 12.2).
 */
export function mergeRefreshed(used: RefreshableTokens, answer: TokenSet): RefreshableTokens {
  if (differ(subject(used), subject(answer))) throw foreign("subject");
  if (differ(issuer(used), issuer(answer))) throw foreign("issuer");
  const { refreshToken, idToken, scope } = used;
  return { refreshToken, ...(idToken && { idToken }), ...(scope && { scope }), ...answer };
}

/** Whether both are known and not the same. */
function differ(before: unknown, after: unknown): boolean {
  return before !== undefined && after !== undefined && before !== after;
}

/** Whose tokens these are, where one of them says so. */
function subject({ idToken, accessToken }: TokenSet): unknown {
  return (idToken && decodeJwtClaims(idToken)?.sub) ?? decodeJwtClaims(accessToken)?.sub;
}

/** Who issued the ID token. */
function issuer({ idToken }: TokenSet): unknown {
  return idToken && decodeJwtClaims(idToken)?.iss;
}

function foreign(whose: "subject" | "issuer"): ClerkCliAuthError {
  return new ClerkCliAuthError(
    "token_exchange",
    `The refresh was answered with the tokens of another ${whose}`,
    { action: "Sign in again" },
  );
}

/** A refresh that was answered. */
export interface AnsweredRefresh {
  /** The tokens whose refresh token was sent. */
  used: RefreshableTokens;
  refreshed: RefreshableTokens;
  held: Held;
}

/**
 * Saves the answer of a refresh, unless the session was ended or replaced meanwhile by someone who could not wait for
 * the lock. Gives the tokens that are stored in the end.
 */
export async function saveRefreshed(
  context: ClientContext,
  { used, refreshed, held }: AnsweredRefresh,
): Promise<TokenSet | null> {
  const { refreshToken } = used;
  const isWanted = async () => !await isSha256Of(await context.shared?.tombstone.read(), refreshToken);
  const isOurs = !await isLost(held) || await isReplaceable(context, refreshToken);
  if (!isOurs || !await isWanted()) return await giveBack(context, refreshed);
  const record: LiveSession = { kind: "live", tokens: refreshed, savedAt: context.runtime.now() };
  const save = () => saveRecord(context, record, { mayOverwrite: true }); // What is there is used up.
  await save();
  if (!await isWanted()) {
    await removeRecord(context);
    return await giveBack(context, refreshed);
  }
  if (await isTombstoneOf(context, refreshToken)) await save();
  const { expiresAt } = refreshed;
  context.emit({ type: "refreshed", ...(expiresAt !== undefined && { expiresAt }) });
  return refreshed;
}

/** Whether the record is still the one that was refreshed, or says only that its refresh token was refused. */
async function isReplaceable(context: ClientContext, refreshToken: string): Promise<boolean> {
  const record = await readRecord(context);
  if (record?.kind === "live") return record.tokens.refreshToken === refreshToken;
  return await isSha256Of(record?.refreshTokenHash, refreshToken);
}

async function isTombstoneOf(context: ClientContext, refreshToken: string): Promise<boolean> {
  const record = await readRecord(context);
  return record?.kind === "ended" && await isSha256Of(record.refreshTokenHash, refreshToken);
}

/** Nobody wants these tokens any more: they are revoked rather than left alive. */
async function giveBack(context: ClientContext, refreshed: TokenSet): Promise<TokenSet | null> {
  await revokeTokens(context, refreshed);
  const record = await readRecord(context);
  return record?.kind === "live" ? record.tokens : null;
}

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
