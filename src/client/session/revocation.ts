import { type ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { decodeJwtClaims } from "../../core/jwt.ts";
import type { TokenTypeHint } from "../../core/token_endpoint.ts";
import { isApiKey, type TokenSet } from "../../core/tokens.ts";
import type { ClientContext, LiveSession } from "../context.ts";
import { issuerEndpoints } from "../issuer/endpoints.ts";
import { revoke } from "../issuer/requests.ts";
import { underLock } from "./lock.ts";
import { readRetired, writeRetired } from "./record.ts";

/** The result of revoking one token. */
export interface TokenRevocation {
  /** The token. */
  token: TokenTypeHint;
  /** Whether the issuer revoked it. */
  revoked: boolean;
  /** Why it was not revoked, if the issuer was asked. */
  error?: ClerkCliAuthError;
  /** Whether it is kept, sealed, for the next login or logout to retry. */
  kept?: boolean;
  /** How long it stays valid, in Unix milliseconds; absent if unknown. */
  validUntil?: number;
}

/**
 * Revokes the grant with its refresh token (RFC 7009, section 2.1), or just the access token if there is no
 * other. A JWT stays valid until it expires, because backends check it without the issuer. API keys are
 * skipped.
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
 * Keeps a session whose revocation failed for now; without one, retries those kept earlier. Takes the lock
 * only if there is work.
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
 * Retries the revocation of retired sessions. Forgets those that are revoked or refused for good. Call it
 * under the lock. Failures are returned: the caller came for something else.
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

/** Reports whether a retry may succeed. */
export function isPending({ revoked, error }: TokenRevocation): boolean {
  return !revoked && (error?.retryable === true || error?.code === "cancelled");
}
