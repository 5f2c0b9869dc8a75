import { sha256 } from "../../core/encoding.ts";
import { cancelled } from "../../core/errors.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { LogoutNotice } from "../../storage/store.ts";
import type { ClientContext } from "../context.ts";
import { underLock } from "./lock.ts";
import { readTokens, removeRecord } from "./record.ts";
import { revokeTokens, type TokenRevocation } from "./revocation.ts";

/** How a logout is done. */
export interface LogoutOptions {
  /**
   * Whether the issuer is asked to revoke the tokens.
   * @default true
   */
  revoke?: boolean;
  /** Gives the call up; what is stored then stays. */
  signal?: AbortSignal;
}

/** What a logout has done. */
export interface LogoutReport {
  /** Whether anyone was signed in. */
  wasSignedIn: boolean;
  /** Whether nothing is stored any more. */
  cleared: boolean;
  /** What became of each token; empty when the issuer was not asked. */
  revocations: TokenRevocation[];
}

/** How long a logout waits for a process that uses the credentials, in milliseconds. */
const LOCK_MS = 10_000;

/** Revokes what is stored, then clears it, whatever the issuer said. */
export async function logout(context: ClientContext, options: LogoutOptions = {}): Promise<LogoutReport> {
  const { signal } = options;
  const { store: { withLock, crossProcess } } = context;
  let isLocked = false;
  try {
    return await underLock(withLock, () => {
      isLocked = true;
      return clear(context, options, { isLocked });
    }, { timeoutMs: LOCK_MS, signal });
  } catch (error) {
    if (isLocked || signal?.aborted || !crossProcess) throw error;
    return await clearWithoutLock(context, crossProcess.logoutNotice, options);
  }
}

async function clear(
  context: ClientContext,
  { revoke = true, signal }: LogoutOptions,
  { isLocked }: { isLocked: boolean },
): Promise<LogoutReport> {
  const tokens = await readTokens(context);
  const revocations = tokens && revoke ? await revokeTokens(context, tokens, signal) : [];
  if (signal?.aborted) throw cancelled(signal);
  if (revoke && isLocked) await settlePending(context, { tokens, revocations, signal });
  await removeRecord(context);
  return { wasSignedIn: tokens !== undefined, cleared: true, revocations };
}

interface Revoked {
  tokens: TokenSet | undefined;
  revocations: readonly TokenRevocation[];
  signal: AbortSignal | undefined;
}

/**
 * Keeps a refresh token that could not be revoked for now. Where the issuer answers, those kept earlier have their
 * turn.
 */
async function settlePending(
  context: ClientContext,
  { tokens, revocations: [grant], signal }: Revoked,
): Promise<void> {
  if (context.config.storage !== "keychain") return;
  const { isPending, keepForRevocation, retryRevocations } = await import("./revocation.ts");
  if (!grant || !isPending(grant)) return await retryRevocations(context, signal);
  const refreshToken = tokens?.refreshToken;
  if (refreshToken !== undefined && await keepForRevocation(context, refreshToken)) grant.kept = true;
}

/**
 * Whoever holds the lock, suspended in the middle of a refresh perhaps, must not bring the session back: the notice
 * tells them, whenever they come to save.
 */
async function clearWithoutLock(
  context: ClientContext,
  notice: LogoutNotice,
  options: LogoutOptions,
): Promise<LogoutReport> {
  let named: string | undefined;
  for (;;) {
    const refreshToken = (await readTokens(context))?.refreshToken;
    if (refreshToken === undefined || refreshToken === named) break;
    named = refreshToken; // Another one may be stored before it is named: look again.
    // On a full disk nobody else can save either: what can be removed is removed all the same.
    await notice.write(await sha256(refreshToken)).catch(() => {});
  }
  return await clear(context, options, { isLocked: false });
}
