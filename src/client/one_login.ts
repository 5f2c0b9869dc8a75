import { isClerkCliAuthError } from "../core/errors.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { SharedStore } from "../storage/shared_store.ts";
import type { ClientContext } from "./context.ts";
import type { LoginResult } from "./login.ts";
import { readTokens } from "./session_record.ts";
import { underLock } from "./under_lock.ts";
import { askUserinfo } from "./whoami.ts";

/** A login as one of several that may run for the same record. */
export interface OneLogin {
  scopes: readonly string[];
  /** Whether the result of a login that is under way elsewhere will do. */
  join: boolean;
  signal: AbortSignal;
}

/** How long a login that does not join looks whether it can announce itself, in milliseconds. */
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
  const { shared } = context;
  if (!shared) return await signIn();
  if (!join) return await announced(shared, signIn, signal);
  const before = await readTokens(context);
  return await underLock(shared.withLoginLock, async () => {
    const tokens = await readTokens(context);
    const isNew = tokens !== undefined && tokens.accessToken !== before?.accessToken;
    if (!isNew || !includes(tokens, scopes)) return await signIn();
    return { tokens, user: await askUserinfo(context, tokens.accessToken, signal) };
  }, { timeoutMs: context.config.loginTimeoutMs, signal });
}

/**
 * Whoever asks for a login gets one: where another one is announced already, this one is not. A lock that cannot be
 * taken because nothing can be written shows, before anyone signs in, that the tokens could not be stored.
 */
async function announced(
  shared: SharedStore,
  signIn: () => Promise<LoginResult>,
  signal: AbortSignal,
): Promise<LoginResult> {
  let begun: Promise<LoginResult> | undefined;
  try {
    return await underLock(shared.withLoginLock, () => begun = signIn(), {
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
