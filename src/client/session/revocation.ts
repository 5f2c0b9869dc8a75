import { type ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import { decodeJwtClaims } from "../../core/jwt.ts";
import type { TokenTypeHint } from "../../core/revocation.ts";
import { isApiKey, type TokenSet } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { issuerEndpoints } from "../issuer/endpoints.ts";
import { revoke } from "../issuer/requests.ts";
import { underLock } from "./lock.ts";

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

/** The key of the tokens whose revocation is pending, beside the record. */
const KEY = "pending_revocation";

/** Only the latest are kept: an issuer that is never reached must not fill the store. */
const MAX_KEPT = 8;

/**
 * Keeps a refresh token that could not be revoked for now, for a later try: sealed, or not at all. To be called under
 * the lock.
 *
 * @returns whether it is kept.
 */
export async function keepForRevocation(context: ClientContext, refreshToken: string): Promise<boolean> {
  try {
    if ((await context.store.describe())?.protection !== "keychain") return false;
    await write(context, [...await read(context), refreshToken].slice(-MAX_KEPT));
    return true;
  } catch {
    return false; // A keychain that is out of reach keeps nobody from signing out.
  }
}

/**
 * Tries once more to revoke what was kept; what is revoked, or refused for good, is forgotten. To be called under the
 * lock. It never fails: whoever calls it came for something else.
 */
export async function retryRevocations(context: ClientContext, signal?: AbortSignal): Promise<void> {
  try {
    const kept = await read(context);
    const left: string[] = [];
    for (const refreshToken of kept) {
      const token = { token: refreshToken, tokenTypeHint: "refresh_token" } as const;
      if (isPending(await revokeOne(context, token, signal))) left.push(refreshToken);
    }
    if (left.length < kept.length) await write(context, left);
  } catch {
    // What could not be read or written now stays for the next try.
  }
}

/** The same for a caller without the lock, who takes it only where something was kept. */
export async function retryRevocationsUnderLock(context: ClientContext, signal: AbortSignal): Promise<void> {
  const kept = await read(context).catch(() => []);
  if (kept.length === 0) return;
  const { store, config: { requestTimeoutMs: timeoutMs } } = context;
  await underLock(store.withLock, () => retryRevocations(context, signal), { timeoutMs, signal })
    .catch(() => {}); // Another process holds the lock: the next login or logout tries again.
}

/** Whether a later try may succeed. */
export function isPending({ revoked, error }: TokenRevocation): boolean {
  return !revoked && (error?.retryable === true || error?.code === "cancelled");
}

async function read({ store }: ClientContext): Promise<string[]> {
  const text = await store.get(KEY);
  const kept: unknown = text ? JSON.parse(text) : [];
  return Array.isArray(kept) ? kept.filter((token) => typeof token === "string") : [];
}

async function write({ store }: ClientContext, refreshTokens: readonly string[]): Promise<void> {
  if (refreshTokens.length > 0) await store.set(KEY, JSON.stringify(refreshTokens));
  else await store.delete(KEY);
}
