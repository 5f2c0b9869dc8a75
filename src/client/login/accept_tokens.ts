import { type ExpectedAccount, refuseOther } from "../../core/account.ts";
import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import type { UserIdentity } from "../../core/identity.ts";
import { checkIdToken } from "../../core/jwt.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { ClientContext, LiveSession } from "../context.ts";
import { underLock } from "../session/lock.ts";
import {
  isValid,
  readRecord,
  readToReplace,
  removeRecord,
  saveLogin,
  type StoredSession,
} from "../session/record.ts";
import { isPending, revokeTokens, settleRevocations } from "../session/revocation.ts";
import { askUserinfo } from "../session/whoami.ts";

/** The result of a login. */
export interface LoginResult {
  /** The tokens, as stored. */
  tokens: TokenSet;
  /** The user who signed in. */
  user: UserIdentity;
}

/** Checks the tokens of a login before they are stored; rejects them by throwing. */
export type Admission = (tokens: TokenSet, signal: AbortSignal) => Promise<void>;

/** What the tokens of a login must match. */
interface TokenExpectation {
  /** The nonce of the authorization request, if it had one. */
  nonce: string | undefined;
  /** Whether an ID token may omit the nonce. */
  mayLackNonce?: boolean;
  admit: Admission | undefined;
  signal: AbortSignal;
}

/** Stored tokens, while the issuer is asked for their owner. */
interface AcceptedTokens {
  tokens: TokenSet;
  user: Promise<UserIdentity>;
}

/**
 * Stores the tokens of a login after checking that they belong to it. Tokens that are not stored are revoked,
 * because nothing would revoke them later.
 *
 * @throws {ClerkCliAuthError} `token_exchange` if they belong to another login; `storage`; what `admit`
 * throws.
 */
export async function acceptTokens(
  context: ClientContext,
  tokens: TokenSet,
  { admit, signal, ...expected }: TokenExpectation,
): Promise<AcceptedTokens> {
  const { issuer, clientId, resource } = context.config;
  try {
    const subject = tokens.idToken && checkIdToken(tokens.idToken, { issuer, clientId, ...expected });
    await admit?.(tokens, signal);
    const previous = await replaceSession(context, tokens, { resource, signal });
    return { tokens, user: confirmSession(context, { tokens, subject, previous, signal }) };
  } catch (error) {
    await revokeTokens(context, tokens);
    throw error;
  }
}

/** Admits the tokens of one account only. */
export function admitOnly(context: ClientContext, expected: ExpectedAccount): Admission {
  return async ({ accessToken }, signal) => {
    refuseOther(expected, await askUserinfo(context, accessToken, signal));
  };
}

interface ReplaceOptions {
  /** The resource that the tokens are for, if requested. */
  resource?: string | undefined;
  signal?: AbortSignal;
}

/** Stores the tokens of a login. Returns the session that they replace, read under the lock. */
export async function replaceSession(
  context: ClientContext,
  tokens: TokenSet,
  { resource, signal }: ReplaceOptions = {},
): Promise<StoredSession> {
  const { store, config } = context;
  const previous = await underLock(store.withLock, async () => {
    const replaced = await readToReplace(context);
    const savedAt = context.runtime.now();
    const session: LiveSession = { kind: "live", tokens, savedAt, ...(resource && { resource }) };
    await saveLogin(context, session, {
      retiresPrevious: config.revokePrevious && replaced.unreadable !== undefined,
    });
    return replaced;
  }, { timeoutMs: config.lockTimeoutMs, signal });
  context.emit({ type: "stored", ...await store.describe() });
  return previous;
}

/** A session that was just stored. */
interface NewSession {
  tokens: TokenSet;
  /** The subject of the ID token. */
  subject: string | undefined;
  /** What it replaced. */
  previous: StoredSession;
  signal?: AbortSignal;
}

/**
 * Revokes the grant that a login replaced, then asks who signed in. This also checks that the new tokens
 * survived: some issuers keep one grant for both, so that revoking the old tokens kills the new ones.
 *
 * @throws {ClerkCliAuthError} `userinfo`. The tokens stay stored unless they are dead or belong to someone
 * else.
 */
export async function confirmSession(context: ClientContext, session: NewSession): Promise<UserIdentity> {
  const { tokens, subject, signal } = session;
  const revoked = await revokePrevious(context, session);
  const user = await askUserinfo(context, tokens.accessToken, signal).catch(async (error) => {
    throw revoked && isRefused(error) ? await sharedGrant(context, tokens, error) : error;
  });
  if (subject !== undefined && user.sub !== subject) throw await otherSubject(context, tokens);
  return user;
}

/** Revokes the replaced grant and any left from earlier. Returns whether the replaced grant is revoked. */
export async function revokePrevious(
  context: ClientContext,
  { tokens, previous: { session, unreadable }, signal }: Omit<NewSession, "subject">,
): Promise<boolean> {
  const isOther = session !== undefined && session.tokens.accessToken !== tokens.accessToken &&
    lastingToken(session.tokens) !== lastingToken(tokens);
  const previous = isOther && context.config.revokePrevious ? session : undefined;
  const [grant] = previous ? await revokeTokens(context, previous.tokens, signal) : [];
  const pending = grant && isPending(grant) ? previous : undefined;
  const isSettled = await settleRevocations(context, pending, signal);
  if (!grant && !unreadable) return false;
  const revoked = grant ? grant.revoked : isSettled && context.store.retired !== undefined;
  context.emit({ type: "previous_revoked", revoked });
  return revoked;
}

/** Returns the token that a session lives as long as. */
function lastingToken({ refreshToken, accessToken }: TokenSet): string {
  return refreshToken ?? accessToken;
}

function isRefused(error: unknown): boolean {
  return isClerkCliAuthError(error) && error.status === 401;
}

/**
 * Discards the session only if the token is still stored and not expired. Otherwise that explains the 401,
 * and the session may be alive.
 */
async function sharedGrant(context: ClientContext, tokens: TokenSet, cause: unknown): Promise<unknown> {
  if (!isValid(tokens, context.runtime.now()) || !await discard(context, tokens)) return cause;
  return new ClerkCliAuthError("userinfo", "Revoking the previous sign-in has also revoked this one", {
    action: "Sign in again; set revokePrevious: false if the issuer keeps one grant for both",
    status: 401,
    cause,
  });
}

async function otherSubject(context: ClientContext, tokens: TokenSet): Promise<ClerkCliAuthError> {
  await discard(context, tokens);
  await revokeTokens(context, tokens);
  return new ClerkCliAuthError(
    "userinfo",
    "The userinfo endpoint and the ID token name different users",
    { action: "Sign in again" },
  );
}

/** Removes the tokens unless others replaced them. Returns whether it did. */
async function discard(context: ClientContext, { accessToken }: TokenSet): Promise<boolean> {
  return await underLock(context.store.withLock, async () => {
    const record = await readRecord(context);
    const isStored = record?.kind === "live" && record.tokens.accessToken === accessToken;
    if (isStored) await removeRecord(context);
    return isStored;
  }, { timeoutMs: context.config.lockTimeoutMs });
}
