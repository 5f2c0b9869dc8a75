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

export type RefreshableSession = LiveSession & { tokens: RefreshableTokens };

type RefreshableTokens = TokenSet & { refreshToken: string };

export function isRefreshable(session: LiveSession): session is RefreshableSession {
  return session.tokens.refreshToken !== undefined;
}

/**
 * A refresh renews metadata of this age, in milliseconds. It is half the maximum, so that metadata does not
 * expire before the next refresh, when it is stored.
 */
const RENEWAL_AGE_MS = 12 * 60 * 60 * 1000;

/**
 * Uses the refresh token. Interrupts wait until the response is saved. Returns `null` if the session is over.
 *
 * @throws {ClerkCliAuthError} if it failed for now.
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
  /** The lock that protects it. */
  held: Held;
  endpoint: string;
  isSecondTry?: boolean;
}

/** Marks the record, sends the request and saves the new tokens. An interruption in between may cost the session. */
async function refresh(attempt: Attempt): Promise<TokenSet | null> {
  const { context, session: { tokens } } = attempt;
  if (await isOvertaken(attempt)) throw lostTurn(); // Marking would overwrite newer tokens.
  await markRefreshing(attempt);
  const claim = await claimOn(attempt);
  if (claim === "logged out") return await removeAgain(context);
  if (claim === "overtaken") throw lostTurn();
  const response = await sendRefresh(attempt).catch((error: unknown) => ({ error }));
  if ("error" in response) return await afterFailure(attempt, response.error);
  return await saveRefreshed(attempt, mergeRefreshed(tokens, response));
}

/** Another machine may have considered this process dead and taken the lock. */
async function isOvertaken({ held }: Attempt): Promise<boolean> {
  return held !== undefined && !await held.isStillHeld();
}

/**
 * Checks that nobody signed out without waiting for the lock, and that no other machine took it. Call it
 * after each save, which may have restored the session, and before anything irreversible.
 */
async function claimOn(attempt: Attempt): Promise<"ours" | "logged out" | "overtaken"> {
  const { context: { store }, session: { tokens: { refreshToken } } } = attempt;
  const notice = await store.crossProcess?.logoutNotice.read();
  if (await isSha256Of(notice, refreshToken)) return "logged out";
  return await isOvertaken(attempt) ? "overtaken" : "ours";
}

/** Removes a session that our save restored after a logout. */
async function removeAgain(context: ClientContext): Promise<null> {
  await removeRecord(context);
  return null;
}

/**
 * Marks the record before the refresh token is sent, so that a crash before the save is noticed. This also
 * proves that the store is writable while nothing is at risk.
 */
async function markRefreshing({ context, session }: Attempt): Promise<void> {
  if (context.store.crossProcess && !session.isRefreshing) {
    await saveRecord(context, { ...session, isRefreshing: true });
  }
}

/** Removes the mark, because the refresh token was not used. */
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
 * Merges the response with the old tokens. Omitted fields keep their value (RFC 6749, sections 5.1 and 6),
 * except the old access token's expiry.
 *
 * @throws {ClerkCliAuthError} `token_exchange` if the new tokens belong to someone else (OpenID Connect Core
 * 1.0, section 12.2).
 */
export function mergeRefreshed(used: RefreshableTokens, response: TokenSet): RefreshableTokens {
  const [before, after] = [ownerOf(used), ownerOf(response)];
  if (differ(before.subject, after.subject)) throw foreign("subject");
  if (differ(before.issuer, after.issuer)) throw foreign("issuer");
  const { refreshToken, idToken, scope } = used;
  return { refreshToken, ...(idToken && { idToken }), ...(scope && { scope }), ...response };
}

/** Returns the owner of the tokens, if one of them names it. */
function ownerOf({ idToken, accessToken }: TokenSet): { subject: unknown; issuer: unknown } {
  const claims = idToken ? decodeJwtClaims(idToken) : undefined;
  return { subject: claims?.sub ?? decodeJwtClaims(accessToken)?.sub, issuer: claims?.iss };
}

/** Reports whether both are known and differ. */
function differ(before: unknown, after: unknown): boolean {
  return before !== undefined && after !== undefined && before !== after;
}

function foreign(whose: "subject" | "issuer"): ClerkCliAuthError {
  return new ClerkCliAuthError(
    "token_exchange",
    `The refresh returned the tokens of another ${whose}`,
    { action: "Sign in again" },
  );
}

/**
 * Saves the new tokens, unless someone ended or replaced the session without the lock. Returns the tokens
 * that end up stored.
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
  const save = () => saveRecord(context, record, { mayOverwrite: true }); // What is stored is used up.
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
  // Whoever took the lock may have found the refresh token used up and recorded that over our new one.
  const isAlone = after === "ours" && held !== undefined;
  if (!isAlone && await storedInstead(attempt) === "its refusal") await save();
  const { expiresAt } = refreshed;
  context.emit({ type: "refreshed", ...(expiresAt !== undefined && { expiresAt }) });
  return refreshed;
}

/** Keeps tokens in memory that could not be stored, for the next refresh to store. */
function keepUnsaved({ context, session }: Attempt, record: LiveSession, error: unknown): TokenSet {
  if (!isClerkCliAuthError(error)) throw error;
  context.memory.unsaved = { replaces: session.tokens.accessToken, session: record };
  context.emit({ type: "refresh_failed", code: error.code, message: error.message });
  return record.tokens;
}

/** Returns what others stored in place of the session; `nothing` if it is still the one we refreshed. */
async function storedInstead(
  { context, session: { tokens: { refreshToken } } }: Attempt,
): Promise<"nothing" | "its refusal" | "another session"> {
  const record = await readRecord(context);
  if (record?.kind === "live") {
    return record.tokens.refreshToken === refreshToken ? "nothing" : "another session";
  }
  return await isSha256Of(record?.refreshTokenHash, refreshToken) ? "its refusal" : "another session";
}

/** Revokes tokens that nobody needs any more. */
async function giveBack(context: ClientContext, refreshed: TokenSet): Promise<TokenSet | null> {
  await revokeTokens(context, refreshed);
  const record = await readRecord(context);
  return record?.kind === "live" ? record.tokens : null;
}

/**
 * Only `invalid_grant` for the stored refresh token ends the session. A temporary failure (429, 5xx) never
 * does, whatever its body. Some issuers return `invalid_request` to the loser of a race, so retry that once.
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
  const record = await readRecord(context); // Another process may have won the race.
  if (record?.kind !== "live") return null;
  if (record.tokens.refreshToken !== tokens.refreshToken) return record.tokens;
  if (isRetried) return await refresh({ ...attempt, isSecondTry: true });
  const reason = isRefreshing ? "refresh_interrupted" : "invalid_grant";
  return await endSession(context, { reason, token: tokens.refreshToken });
}

/** Reports whether the issuer rejected the request without using up the refresh token. */
function isUnused({ status = 0 }: ClerkCliAuthError): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

/** The issuer deleted a granted scope. Restoring it would fix the session, so keep the session. */
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

/** Reports whether a refresh stopped before sending anything because it had lost the lock. */
export function isLostTurn(error: unknown): boolean {
  return lostTurns.has(error as object);
}

function lostTurn(): ClerkCliAuthError {
  const message = "This process was suspended for so long that another may be using the credentials";
  const error = new ClerkCliAuthError("timeout", message, { action: "Try again", retryable: true });
  lostTurns.add(error);
  return error;
}
