import { sha256 } from "../../core/encoding.ts";
import { cancelled, ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { Held, LogoutNotice } from "../../storage/store.ts";
import type { ClientContext } from "../context.ts";
import { underLock } from "./lock.ts";
import { readToReplace, removeRecord, retireRecord, type StoredSession } from "./record.ts";
import { isRefreshable, useRefreshToken } from "./refresh_grant.ts";
import { isPending, retryRevocations, revokeTokens, type TokenRevocation } from "./revocation.ts";

/** Options of `logout()`. */
export interface LogoutOptions {
  /**
   * Whether to revoke the tokens at the issuer.
   * @default true
   */
  revoke?: boolean;
  /** Cancels the call and keeps the stored credentials. */
  signal?: AbortSignal;
}

/** The result of a logout. */
export interface LogoutReport {
  /** Whether anyone was signed in. */
  wasSignedIn: boolean;
  /** Whether no credentials are stored any more. */
  cleared: boolean;
  /** The result for each token; empty if the issuer was not asked. */
  revocations: TokenRevocation[];
}

/** How long to wait for a process that is using the credentials, in milliseconds. */
const LOCK_MS = 10_000;

/** Revokes the stored tokens, then removes them even if the issuer fails. */
export async function logout(context: ClientContext, options: LogoutOptions = {}): Promise<LogoutReport> {
  const { signal } = options;
  const { store: { withLock, crossProcess } } = context;
  let isLocked = false;
  try {
    return await underLock(withLock, async (held) => {
      isLocked = true;
      const report = await clear(context, options, { held });
      await endPendingLogins(context);
      return report;
    }, { timeoutMs: LOCK_MS, signal });
  } catch (error) {
    if (isLocked || signal?.aborted || !crossProcess) throw error;
    const report = await clearWithoutLock(context, crossProcess.logoutNotice, options);
    await endPendingLogins(context);
    return report;
  }
}

/** Clears under the lock. If revocation failed, the sealed record is kept for the next login or logout to retry. */
async function clear(
  context: ClientContext,
  { revoke = true, signal }: LogoutOptions,
  { held }: { held: Held },
): Promise<LogoutReport> {
  const stored = await readToReplace(context);
  const { session, unreadable } = stored;
  const revocations = revoke ? await revokeStored(context, stored, { held, signal }) : [];
  if (signal?.aborted) throw cancelled(signal);
  const [grant] = revocations;
  if (grant && (unreadable || isPending(grant)) && await retireRecord(context)) {
    grant.kept = true;
  } else {
    await removeRecord(context);
    const earlier = revoke ? await retryRevocations(context, signal) : undefined;
    if (earlier) revocations.push({ token: "refresh_token", revoked: false, error: earlier, kept: true });
  }
  return { wasSignedIn: session !== undefined || unreadable !== undefined, cleared: true, revocations };
}

/** Completing a login that began before must not sign the user in again. One that cannot be removed expires soon. */
async function endPendingLogins(context: ClientContext): Promise<void> {
  if (context.config.storage === "memory") return;
  const { PendingLogins } = await import("../login/pending_login.ts");
  await PendingLogins.open(context).then((logins) => logins.removeAll()).catch(() => {});
}

/** Revokes the stored grant. If the record is unreadable, nobody knows whether the grant is still alive. */
async function revokeStored(
  context: ClientContext,
  { session, unreadable }: StoredSession,
  { held, signal }: { held: Held; signal: AbortSignal | undefined },
): Promise<TokenRevocation[]> {
  if (unreadable) return [{ token: "refresh_token", revoked: false, error: unreadable }];
  if (!session) return [];
  if (!session.isRefreshing || !isRefreshable(session)) {
    return await revokeTokens(context, session.tokens, signal);
  }
  // The refresh token may be used up, and revoking an unknown token succeeds: use it to find out.
  try {
    const tokens = await useRefreshToken(context, session, held);
    return tokens ? await revokeTokens(context, tokens, signal) : [lostGrant(session.tokens)];
  } catch (error) {
    if (!isClerkCliAuthError(error)) throw error;
    return [{ token: "refresh_token", revoked: false, error }];
  }
}

function lostGrant({ expiresAt: validUntil }: TokenSet): TokenRevocation {
  const error = new ClerkCliAuthError(
    "token_exchange",
    "A refresh was interrupted, and the token that would revoke the sign-in is lost",
    { action: "End the sign-in in your account settings" },
  );
  return { token: "refresh_token", revoked: false, error, ...(validUntil !== undefined && { validUntil }) };
}

/**
 * The lock's holder may be suspended in the middle of a refresh. The notice keeps it from restoring the
 * session when it saves.
 */
async function clearWithoutLock(
  context: ClientContext,
  notice: LogoutNotice,
  { revoke = true, signal }: LogoutOptions,
): Promise<LogoutReport> {
  let stored = await readToReplace(context);
  let named: string | undefined;
  for (;;) {
    const refreshToken = stored.session?.tokens.refreshToken;
    if (refreshToken === undefined || refreshToken === named) break;
    named = refreshToken; // It may change before the notice is written: read again.
    // On a full disk the holder cannot save either, so carry on.
    await notice.write(await sha256(refreshToken)).catch(() => {});
    stored = await readToReplace(context);
  }
  const { session, unreadable } = stored;
  const revocations = revoke && session ? await revokeTokens(context, session.tokens, signal) : [];
  if (signal?.aborted) throw cancelled(signal);
  if (unreadable) {
    const kept = revoke && await retireRecord(context);
    revocations.push({ token: "refresh_token", revoked: false, error: unreadable, kept });
  }
  await removeRecord(context);
  return { wasSignedIn: session !== undefined || unreadable !== undefined, cleared: true, revocations };
}
