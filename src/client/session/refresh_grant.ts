import { isSha256Of } from "../../core/encoding.ts";
import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { decodeJwtClaims } from "../../core/jwt.ts";
import { tokenSecrets } from "../../core/redact.ts";
import { refreshRequest } from "../../core/token_endpoint.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { Held } from "../../storage/store.ts";
import type { ClientContext, LiveSession } from "../context.ts";
import { issuerEndpoints } from "../issuer/endpoints.ts";
import { requestTokens } from "../issuer/requests.ts";
import { endSession, readRecord, removeRecord, saveRecord } from "./record.ts";
import { revokeTokens } from "./revocation.ts";

/** A session that has a refresh token. */
export type RefreshableSession = LiveSession & { tokens: RefreshableTokens };

type RefreshableTokens = TokenSet & { refreshToken: string };

/** Whether a session has a refresh token. */
export function isRefreshable(session: LiveSession): session is RefreshableSession {
  return session.tokens.refreshToken !== undefined;
}

/**
 * A refresh asks for new metadata once what is known is this old, in milliseconds: half of what it may be, so that it
 * does not expire before the next refresh, which is where it is stored.
 */
const RENEWAL_AGE_MS = 12 * 60 * 60 * 1000;

/**
 * Uses the refresh token. An interrupt waits until the response is saved. `null` if the session is over.
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
    return await refresh({ context, session, held, endpoint });
  } finally {
    letInterrupts();
  }
}

/** One use of a refresh token. */
interface Attempt {
  context: ClientContext;
  session: RefreshableSession;
  /** The lock that it runs under. */
  held: Held;
  /** The token endpoint. */
  endpoint: string;
  isSecondTry?: boolean;
}

/** From the mark in the record to the new tokens in it: an interruption in between may cost the session. */
async function refresh(attempt: Attempt): Promise<TokenSet | null> {
  const { context, session: { tokens } } = attempt;
  if (await isOvertaken(attempt)) throw lostTurn(); // The mark would put these tokens in the place of newer ones.
  await markRefreshing(attempt);
  const claim = await claimOn(attempt);
  if (claim === "logged out") return await removeAgain(context);
  if (claim === "overtaken") throw lostTurn();
  const response = await sendRefresh(attempt).catch((error: unknown) => ({ error }));
  if ("error" in response) return await afterFailure(attempt, response.error);
  return await saveRefreshed(attempt, mergeRefreshed(tokens, response));
}

/** Another machine may have taken this process for dead, and the lock with it. */
async function isOvertaken({ held }: Attempt): Promise<boolean> {
  return held !== undefined && !await held.isStillHeld();
}

/**
 * Whether the session is still ours to refresh: nobody has signed out of it without waiting for the lock, and no other
 * machine has taken the lock. Asked after each save, as that may have brought a session back, and before what cannot be
 * undone.
 */
async function claimOn(attempt: Attempt): Promise<"ours" | "logged out" | "overtaken"> {
  const { context: { store }, session: { tokens: { refreshToken } } } = attempt;
  const notice = await store.crossProcess?.logoutNotice.read();
  if (await isSha256Of(notice, refreshToken)) return "logged out";
  return await isOvertaken(attempt) ? "overtaken" : "ours";
}

/** Removes a session that a save has brought back after somebody signed out of it. */
async function removeAgain(context: ClientContext): Promise<null> {
  await removeRecord(context);
  return null;
}

/**
 * Marks the record, before the refresh token is sent, as one that may be used up: a crash before the response is saved
 * is then recognized. It also shows, while nothing is lost yet, whether the response could be saved.
 */
async function markRefreshing({ context, session }: Attempt): Promise<void> {
  if (context.store.crossProcess && !session.isRefreshing) {
    await saveRecord(context, { ...session, isRefreshing: true });
  }
}

/** Takes the mark off again, as the refresh token was not used up. */
async function unmarkRefreshing(attempt: Attempt): Promise<void> {
  const { context, session } = attempt;
  if (!context.store.crossProcess || session.isRefreshing || await isOvertaken(attempt)) return;
  await saveRecord(context, session);
  if (await claimOn(attempt) === "logged out") await removeAgain(context);
}

async function sendRefresh({ context, session: { tokens, resource }, endpoint }: Attempt): Promise<TokenSet> {
  const { refreshToken } = tokens;
  const request = refreshRequest(endpoint, { clientId: context.config.clientId, refreshToken, resource });
  return await requestTokens(context, request, { secrets: tokenSecrets(tokens) });
}

/**
 * The tokens after a refresh: what the response leaves out stays as it was (RFC 6749, sections 5.1 and 6), except for
 * the expiry of the old access token.
 *
 * @throws {ClerkCliAuthError} `token_exchange` if the new tokens are somebody else's (OpenID Connect Core 1.0,
 * section 12.2).
 */
export function mergeRefreshed(used: RefreshableTokens, response: TokenSet): RefreshableTokens {
  const [before, after] = [ownerOf(used), ownerOf(response)];
  if (differ(before.subject, after.subject)) throw foreign("subject");
  if (differ(before.issuer, after.issuer)) throw foreign("issuer");
  const { refreshToken, idToken, scope } = used;
  return { refreshToken, ...(idToken && { idToken }), ...(scope && { scope }), ...response };
}

/** Whose tokens these are, as far as one of them says so. */
function ownerOf({ idToken, accessToken }: TokenSet): { subject: unknown; issuer: unknown } {
  const claims = idToken ? decodeJwtClaims(idToken) : undefined;
  return { subject: claims?.sub ?? decodeJwtClaims(accessToken)?.sub, issuer: claims?.iss };
}

/** Whether both are known and not the same. */
function differ(before: unknown, after: unknown): boolean {
  return before !== undefined && after !== undefined && before !== after;
}

function foreign(whose: "subject" | "issuer"): ClerkCliAuthError {
  return new ClerkCliAuthError(
    "token_exchange",
    `The refresh was answered with the tokens of another ${whose}`,
    { action: "Sign in again" },
  );
}

/**
 * Saves the new tokens, unless somebody who could not wait for the lock has ended or replaced the session meanwhile.
 * Gives the tokens that are stored in the end.
 */
async function saveRefreshed(attempt: Attempt, refreshed: RefreshableTokens): Promise<TokenSet | null> {
  const { context, held } = attempt;
  const before = await claimOn(attempt);
  const isReplaceable = before === "ours" ||
    (before === "overtaken" && await storedInstead(attempt) !== "another session");
  if (!isReplaceable) return await giveBack(context, refreshed);
  const { resource } = attempt.session;
  const savedAt = context.runtime.now();
  const record: LiveSession = { kind: "live", tokens: refreshed, savedAt, ...(resource && { resource }) };
  const save = () => saveRecord(context, record, { mayOverwrite: true }); // What is there is used up.
  try {
    await save();
  } catch (error) {
    return keepUnsaved(attempt, record, error);
  }
  const after = await claimOn(attempt);
  if (after === "logged out") {
    await removeAgain(context);
    return await giveBack(context, refreshed);
  }
  // Whoever has overtaken us may have found the refresh token used up, and said so in the place of the new one.
  const isAlone = after === "ours" && held !== undefined;
  if (!isAlone && await storedInstead(attempt) === "its refusal") await save();
  const { expiresAt } = refreshed;
  context.emit({ type: "refreshed", ...(expiresAt !== undefined && { expiresAt }) });
  return refreshed;
}

/** Keeps tokens that can be stored nowhere: this process uses them, and its next refresh tries to store them again. */
function keepUnsaved({ context, session }: Attempt, record: LiveSession, error: unknown): TokenSet {
  if (!isClerkCliAuthError(error)) throw error;
  context.memory.unsaved = { replaces: session.tokens.accessToken, session: record };
  context.emit({ type: "refresh_failed", code: error.code, message: error.message });
  return record.tokens;
}

/** What others have stored in the place of the session; `nothing` if it is still the one that was refreshed. */
async function storedInstead(
  { context, session: { tokens: { refreshToken } } }: Attempt,
): Promise<"nothing" | "its refusal" | "another session"> {
  const record = await readRecord(context);
  if (record?.kind === "live") {
    return record.tokens.refreshToken === refreshToken ? "nothing" : "another session";
  }
  return await isSha256Of(record?.refreshTokenHash, refreshToken) ? "its refusal" : "another session";
}

/** Nobody wants these tokens any more: they are revoked rather than left alive. */
async function giveBack(context: ClientContext, refreshed: TokenSet): Promise<TokenSet | null> {
  await revokeTokens(context, refreshed);
  const record = await readRecord(context);
  return record?.kind === "live" ? record.tokens : null;
}

/**
 * Only `invalid_grant` for the refresh token that is still stored ends the session; a response that says "later" (429,
 * 5xx) never does, whatever its body holds. Some issuers answer the loser of a race with `invalid_request`: that is
 * worth a second try.
 */
async function afterFailure(attempt: Attempt, error: unknown): Promise<TokenSet | null> {
  if (!isClerkCliAuthError(error)) throw error;
  const { context, session: { tokens, isRefreshing } } = attempt;
  const said = error.retryable ? undefined : error.oauthError;
  const isRefused = said === "invalid_grant";
  const isRetried = said === "invalid_request" && !attempt.isSecondTry;
  if (!isRefused && !isRetried) {
    if (isUnused(error)) await unmarkRefreshing(attempt);
    throw said === "invalid_scope" ? scopeIsGone(tokens, error) : error;
  }
  const record = await readRecord(context); // Another process may have stored the tokens of the winner.
  if (record?.kind !== "live") return null;
  if (record.tokens.refreshToken !== tokens.refreshToken) return record.tokens;
  if (isRetried) return await refresh({ ...attempt, isSecondTry: true });
  const reason = isRefreshing ? "refresh_interrupted" : "invalid_grant";
  return await endSession(context, { reason, token: tokens.refreshToken });
}

/** Whether the issuer has refused the request without using the refresh token up. */
function isUnused({ status = 0 }: ClerkCliAuthError): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

/** A scope of the grant was deleted at the issuer: creating it again would mend the session, so it is kept. */
function scopeIsGone({ scope }: TokenSet, cause: ClerkCliAuthError): ClerkCliAuthError {
  const scopes = scope ? `: sign in again for those of ${scope.split(" ").join(", ")} that you need` : "";
  return new ClerkCliAuthError(
    "token_exchange",
    `The issuer no longer has a scope of this sign-in${scopes}`,
    {
      action: "Sign in again",
      oauthError: "invalid_scope",
      ...(cause.status !== undefined && { status: cause.status }),
      cause,
    },
  );
}

const lostTurns = new WeakSet<object>();

/** Whether a refresh was given up, before anything was sent, because the lock was no longer held. */
export function isLostTurn(error: unknown): boolean {
  return lostTurns.has(error as object);
}

function lostTurn(): ClerkCliAuthError {
  const message = "This process stood still for so long that others may use the credentials meanwhile";
  const error = new ClerkCliAuthError("timeout", message, { action: "Try again", retryable: true });
  lostTurns.add(error);
  return error;
}
