import { type ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { decodeJwtClaims } from "../../core/jwt.ts";
import type { TokenTypeHint } from "../../core/token_endpoint.ts";
import { isApiKey, type TokenSet } from "../../core/tokens.ts";
import type { ClientContext, LiveSession } from "../context.ts";
import { issuerEndpoints } from "../issuer/endpoints.ts";
import { revoke } from "../issuer/requests.ts";
import { underLock } from "./lock.ts";
import { readRetired, writeRetired } from "./record.ts";

/** What became of one token. */
export interface TokenRevocation {
  /** Which token. */
  token: TokenTypeHint;
  /** Whether the issuer has revoked it. */
  revoked: boolean;
  /** Why not, where the issuer was asked. */
  error?: ClerkCliAuthError;
  /** Whether it is kept, sealed, so that the next login or logout tries again. */
  kept?: boolean;
  /** Until when it stays valid, Unix time in milliseconds; absent where that is not known. */
  validUntil?: number;
}

/**
 * Revokes the refresh token, and with it the grant (RFC 7009, section 2.1); the access token only where there is no
 * other. A JWT is checked without asking the issuer, so it stays valid until it expires. Of an API key the issuer is
 * not asked.
 */
export async function revokeTokens(
  context: ClientContext,
  { accessToken, refreshToken, expiresAt }: TokenSet,
  signal?: AbortSignal,
): Promise<TokenRevocation[]> {
  if (isApiKey(accessToken)) return [];
  const validUntil = expiresAt === undefined ? {} : { validUntil: expiresAt };
  if (refreshToken === undefined) {
    const revocation = await revokeOne(
      context,
      { token: accessToken, tokenTypeHint: "access_token" },
      signal,
    );
    return [{ ...revocation, ...(revocation.revoked ? {} : validUntil) }];
  }
  const grant = await revokeOne(context, { token: refreshToken, tokenTypeHint: "refresh_token" }, signal);
  const revoked = grant.revoked && decodeJwtClaims(accessToken) === undefined;
  return [grant, { token: "access_token", revoked, ...(revoked ? {} : validUntil) }];
}

/** Revokes one token. */
async function revokeOne(
  context: ClientContext,
  { token, tokenTypeHint }: { token: string; tokenTypeHint: TokenTypeHint },
  signal?: AbortSignal,
): Promise<TokenRevocation> {
  const { config: { clientId, requestTimeoutMs: timeoutMs }, transport } = context;
  try {
    const { revocation } = await issuerEndpoints(context, { signal });
    await revoke(revocation, { clientId, token, tokenTypeHint }, { transport, timeoutMs, signal });
    return { token: tokenTypeHint, revoked: true };
  } catch (error) {
    if (!isClerkCliAuthError(error)) throw error;
    return { token: tokenTypeHint, revoked: false, error };
  }
}

/**
 * Keeps a session whose revocation failed for now, or else tries those again that were kept earlier. Takes the lock only
 * if there is anything to do.
 *
 * @returns Whether none is left.
 */
export async function settleRevocations(
  context: ClientContext,
  pending: LiveSession | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  const { store, config: { lockTimeoutMs: timeoutMs } } = context;
  if (!store.retired) return true;
  try {
    const retired = await readRetired(context);
    if (!pending && retired.length === 0) return true;
    const settle = async () =>
      pending ? await keep(context, pending) : await retryRevocations(context, signal) === undefined;
    return await underLock(store.withLock, settle, { timeoutMs, signal });
  } catch {
    return false; // The next login or logout tries again.
  }
}

async function keep(context: ClientContext, session: LiveSession): Promise<false> {
  if ((await context.store.describe())?.protection === "keychain") {
    await writeRetired(context, [...await readRetired(context), session]);
  }
  return false;
}

/**
 * Tries once more to revoke the retired sessions; those that are revoked, or refused for good, are forgotten. Call it
 * under the lock. It never throws: its callers came for something else.
 *
 * @returns Why some are left; `undefined` if none is.
 */
export async function retryRevocations(
  context: ClientContext,
  signal?: AbortSignal,
): Promise<ClerkCliAuthError | undefined> {
  try {
    const retired = await readRetired(context);
    const left: LiveSession[] = [];
    let failure: ClerkCliAuthError | undefined;
    for (const session of retired) {
      const [grant] = await revokeTokens(context, session.tokens, signal);
      if (!grant || !isPending(grant)) continue;
      left.push(session);
      failure = grant.error;
    }
    if (left.length < retired.length) await writeRetired(context, left);
    return failure;
  } catch (error) {
    if (isClerkCliAuthError(error)) return error;
    throw error;
  }
}

/** Whether a later try may succeed. */
export function isPending({ revoked, error }: TokenRevocation): boolean {
  return !revoked && (error?.retryable === true || error?.code === "cancelled");
}
