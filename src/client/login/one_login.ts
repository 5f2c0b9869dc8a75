import { isClerkCliAuthError } from "../../core/errors.ts";
import type { TokenSet } from "../../core/tokens.ts";
import type { Lock } from "../../storage/store.ts";
import type { ClientContext } from "../context.ts";
import { underLock } from "../session/lock.ts";
import { readToReplace } from "../session/record.ts";
import { askUserinfo } from "../session/whoami.ts";
import type { LoginResult } from "./accept_tokens.ts";

/** A login as one of several that may run for the same record. */
interface OneLogin {
  scopes: readonly string[];
  /** Whether the result of a login that is under way elsewhere will do. */
  join: boolean;
  signal: AbortSignal;
}

/** How long a login that does not join tries to announce itself, in milliseconds. */
const ANNOUNCEMENT_MS = 100;

/**
 * Announces a login to other processes by a lock of its own, and, with `join`, waits for one that is under way and
 * adopts what it has stored, provided that its scopes are included.
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
 * Whoever asks for a login gets one: if another one is announced already, this one is not. A lock that cannot be taken
 * because nothing can be written shows, before anyone signs in, that the tokens could not be stored.
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
