import { isClerkCliAuthError } from "../../core/errors.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { Lock } from "../../storage/store.ts";
import type { ClientContext } from "../context.ts";
import { underLock } from "../session/lock.ts";
import { readToReplace } from "../session/record.ts";
import { askUserinfo } from "../session/whoami.ts";
import type { LoginResult } from "./accept_tokens.ts";

/** A login that may run beside others for the same record. */
interface OneLogin {
  scopes: readonly string[];
  /** Whether to accept the result of another login in progress. */
  join: boolean;
  signal: AbortSignal;
}

/** How long a login without `join` tries to announce itself, in milliseconds. */
const ANNOUNCEMENT_MS = 100;

/**
 * Announces a login to other processes by holding a lock of its own. With `join`, waits for a login in
 * progress and adopts its result if that includes the scopes.
 */
export async function oneLogin(
  context: ClientContext,
  { scopes, join, signal }: OneLogin,
  signIn: () => Promise<LoginResult>,
): Promise<LoginResult> {
  const { store: { crossProcess }, config } = context;
  if (!crossProcess) return await signIn();
  if (!join) return await announced(crossProcess.withLoginLock, signIn, signal);
  const before = (await readToReplace(context)).session?.tokens;
  return await underLock(crossProcess.withLoginLock, async () => {
    const tokens = (await readToReplace(context)).session?.tokens;
    const isNew = tokens !== undefined && tokens.accessToken !== before?.accessToken;
    if (!isNew || !includes(tokens, scopes)) return await signIn();
    return { tokens, user: await askUserinfo(context, tokens.accessToken, signal) };
  }, { timeoutMs: config.loginTimeoutMs, signal });
}

/**
 * Signs in even if another login is announced. If the lock cannot be taken because the disk is not writable,
 * that fails before the user signs in for nothing.
 */
async function announced(
  loginLock: Lock,
  signIn: () => Promise<LoginResult>,
  signal: AbortSignal,
): Promise<LoginResult> {
  let begun: Promise<LoginResult> | undefined;
  try {
    return await underLock(loginLock, () => begun = signIn(), {
      timeoutMs: ANNOUNCEMENT_MS,
      signal,
    });
  } catch (error) {
    if (begun || signal.aborted || !isHeldElsewhere(error)) throw error;
    return await signIn();
  }
}

function isHeldElsewhere(error: unknown): boolean {
  return isClerkCliAuthError(error) && error.code === "timeout";
}

function includes({ scope = "" }: TokenSet, scopes: readonly string[]): boolean {
  const granted = new Set(scope.split(" "));
  return scopes.every((scope) => granted.has(scope));
}
