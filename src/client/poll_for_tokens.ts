import { denied } from "../core/denied.ts";
import { ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import type { TokenSet } from "../core/token_set.ts";

/** How the token endpoint is polled. */
export interface Polling {
  /** How long to wait between two polls, in milliseconds. */
  intervalMs: number;
  /** Asks once. */
  ask: () => Promise<TokenSet>;
  /** Waits, in milliseconds; it rejects when the login is given up. */
  wait: (durationMs: number) => Promise<void>;
}

/** By how much `slow_down` lengthens the interval, in milliseconds (RFC 8628, section 3.5). */
const SLOW_DOWN_MS = 5000;

/** No trouble with the network makes the interval longer than this, in milliseconds. */
const MAX_BACKOFF_MS = 60_000;

/**
 * Asks for tokens until the person has signed in on another device (RFC 8628, section 3.5). When the token endpoint is
 * in trouble, the interval is doubled until it answers again.
 *
 * @throws {ClerkCliAuthError} `access_denied` when the person has said no, `timeout` when the code has expired, what
 * the token endpoint says otherwise; what `wait` throws.
 */
export async function pollForTokens({ intervalMs, ask, wait }: Polling): Promise<TokenSet> {
  let usualMs = intervalMs;
  let nextMs = usualMs;
  for (;;) {
    await wait(nextMs);
    const answer = await ask().catch((error: unknown) => ({ error }));
    if (!("error" in answer)) return answer;
    const { error } = answer;
    if (!isClerkCliAuthError(error)) throw error;
    if (error.oauthError === "slow_down") usualMs += SLOW_DOWN_MS;
    const isAnswered = error.oauthError === "slow_down" || error.oauthError === "authorization_pending";
    if (!isAnswered && !error.retryable) throw explained(error);
    nextMs = isAnswered ? usualMs : Math.max(usualMs, Math.min(2 * nextMs, MAX_BACKOFF_MS));
  }
}

/** Says in our words what the token endpoint says in its own. */
function explained(error: ClerkCliAuthError): ClerkCliAuthError {
  const { oauthError } = error;
  if (oauthError === "access_denied") return denied(oauthError);
  if (oauthError === "expired_token") {
    return new ClerkCliAuthError("timeout", "Nobody entered the code before it expired", {
      oauthError,
      action: "Start the login again",
      retryable: true,
    });
  }
  return error;
}
