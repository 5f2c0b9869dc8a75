import { ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import type { UserIdentity } from "../core/identity.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import { exclusively } from "./exclusive.ts";
import { revokeTokens } from "./revoke_tokens.ts";
import { readRecord, removeRecord } from "./session_record.ts";
import { isValid } from "./token_validity.ts";
import { askUserinfo } from "./whoami.ts";

/** A session that was just stored. */
export interface NewSession {
  tokens: TokenSet;
  /** The subject of its ID token. */
  subject: string | undefined;
  /** The tokens that it replaced. */
  previous: TokenSet | undefined;
  signal: AbortSignal;
}

/**
 * Revokes the grant that a login replaced, then asks who signed in. That also shows whether the new tokens have
 * survived: some issuers keep one grant for both, and revoking the old one kills the new.
 *
 * @throws {ClerkCliAuthError} `userinfo`; the tokens are kept unless they are dead or belong to someone else.
 */
export async function confirmSession(context: ClientContext, session: NewSession): Promise<UserIdentity> {
  const { tokens, subject, previous, signal } = session;
  const revoked = previous !== undefined && await revokePrevious(context, previous, session);
  const user = await askUserinfo(context, tokens.accessToken, signal).catch(async (error) => {
    throw revoked && isRefused(error) ? await sharedGrant(context, tokens, error) : error;
  });
  if (subject !== undefined && user.sub !== subject) throw await otherSubject(context, tokens);
  if (context.config.storage === "keychain") {
    const { retryRevocationsUnderLock } = await import("./pending_revocation.ts");
    await retryRevocationsUnderLock(context, signal);
  }
  return user;
}

async function revokePrevious(
  context: ClientContext,
  previous: TokenSet,
  { tokens, signal }: NewSession,
): Promise<boolean> {
  if (!context.config.revokePrevious || lastingToken(previous) === lastingToken(tokens)) return false;
  const [{ revoked } = { revoked: false }] = await revokeTokens(context, previous, signal);
  context.emit({ type: "previous_revoked", revoked });
  return revoked;
}

/** The token that a session lasts as long as. */
function lastingToken({ refreshToken, accessToken }: TokenSet): string {
  return refreshToken ?? accessToken;
}

function isRefused(error: unknown): boolean {
  return isClerkCliAuthError(error) && error.status === 401;
}

/**
 * Where the access token has expired meanwhile, or another process has replaced it, that alone may have made it invalid:
 * the session may well be alive.
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
    "The userinfo endpoint answered with another subject than the ID token",
    { action: "Sign in again" },
  );
}

/** Removes these tokens, unless others have replaced them; gives whether it did. */
async function discard(context: ClientContext, { accessToken }: TokenSet): Promise<boolean> {
  return await exclusively(context, async () => {
    const record = await readRecord(context);
    const isStored = record?.kind === "live" && record.tokens.accessToken === accessToken;
    if (isStored) await removeRecord(context);
    return isStored;
  }, { timeoutMs: context.config.requestTimeoutMs });
}
