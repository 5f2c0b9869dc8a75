import { isClerkCliAuthError } from "../core/errors.ts";
import { clerkEndpoints } from "../core/issuer.ts";
import { sha256 } from "../core/sha256.ts";
import { refreshRequest } from "../core/token_endpoint.ts";
import type { TokenSet } from "../core/token_set.ts";
import { isValid } from "./access_token.ts";
import type { ClientContext } from "./context.ts";
import type { SessionEndReason } from "./events.ts";
import { exclusively } from "./exclusive.ts";
import { readRecord, saveEnd, saveTokens } from "./session_record.ts";
import { SharedTask } from "./shared_task.ts";
import { requestTokens } from "./token_request.ts";

/** Why and how a session is refreshed. */
export interface RefreshOptions {
  /** The tokens that the caller read and found wanting. */
  seen: TokenSet;
  minValidityMs: number;
  /** Whether only another token than the one seen will do. */
  forceRefresh: boolean;
  signal?: AbortSignal | undefined;
}

const running = new WeakMap<ClientContext, SharedTask<TokenSet | null>>();

/**
 * Refreshes the session once for all who ask at the same time; `null` when it is over.
 *
 * @throws {ClerkCliAuthError} `token_exchange` or `timeout` when it failed for now and the token seen will not do.
 */
export async function refreshSession(
  context: ClientContext,
  options: RefreshOptions,
): Promise<TokenSet | null> {
  const joined = running.get(context);
  if (joined?.isOpen) return await joined.join(options.signal);
  const task = new SharedTask((signal) =>
    exclusively(context, () => refreshStored(context, options), signal)
      .finally(() => running.get(context) === task && running.delete(context))
  );
  running.set(context, task);
  return await task.join(options.signal);
}

/** Runs under the lock. What another process has stored meanwhile is used instead of a refresh. */
async function refreshStored(context: ClientContext, options: RefreshOptions): Promise<TokenSet | null> {
  const record = await readRecord(context);
  if (record?.kind !== "live") return null;
  const { tokens } = record;
  const { seen, minValidityMs } = options;
  const isNews = tokens.accessToken !== seen.accessToken;
  if (isNews && isValid(tokens, context.runtime.now() + minValidityMs)) return tokens;
  if (tokens.refreshToken === undefined) return await withoutRefreshToken(context, tokens, options);
  return await refreshWith(context, { ...tokens, refreshToken: tokens.refreshToken }, options);
}

type RefreshableTokens = TokenSet & { refreshToken: string };

async function refreshWith(
  context: ClientContext,
  tokens: RefreshableTokens,
  options: RefreshOptions,
): Promise<TokenSet | null> {
  const { clientId, issuer } = context.config;
  const { refreshToken } = tokens;
  const request = refreshRequest(clerkEndpoints(issuer).token, { clientId, refreshToken });
  let answer: TokenSet;
  try {
    answer = await requestTokens(context, request, { secrets: [refreshToken] });
  } catch (error) {
    if (isClerkCliAuthError(error) && error.oauthError === "invalid_grant") {
      return await endUnlessReplaced(context, tokens);
    }
    return keepWhileValid(context, tokens, { error, forceRefresh: options.forceRefresh });
  }
  const refreshed = merge(tokens, answer);
  await saveTokens(context, refreshed);
  const { expiresAt } = refreshed;
  context.emit({ type: "refreshed", ...(expiresAt !== undefined && { expiresAt }) });
  return refreshed;
}

/** What a refresh does not give again stays (RFC 6749, sections 5.1 and 6), but for the expiry of the old token. */
function merge({ refreshToken, idToken, scope }: TokenSet, answer: TokenSet): TokenSet {
  return {
    ...(refreshToken && { refreshToken }),
    ...(idToken && { idToken }),
    ...(scope && { scope }),
    ...answer,
  };
}

/** The issuer refused this refresh token: the session is over, unless another one is stored by now. */
async function endUnlessReplaced(context: ClientContext, used: RefreshableTokens): Promise<TokenSet | null> {
  const record = await readRecord(context);
  if (record?.kind !== "live") return null;
  if (record.tokens.refreshToken !== used.refreshToken) return record.tokens;
  return await endSession(context, used.refreshToken, "invalid_grant");
}

/** An access token that cannot be refreshed is used while it lasts. */
async function withoutRefreshToken(
  context: ClientContext,
  tokens: TokenSet,
  { forceRefresh }: RefreshOptions,
): Promise<TokenSet | null> {
  if (!forceRefresh && isValid(tokens, context.runtime.now())) return tokens;
  return await endSession(context, tokens.accessToken, "expired");
}

async function endSession(context: ClientContext, token: string, reason: SessionEndReason): Promise<null> {
  await saveEnd(context, { kind: "ended", reason, refreshTokenHash: await sha256(token) });
  context.emit({ type: "session_ended", reason });
  return null;
}

/** The refresh failed for now. That ends nothing: the token that is still valid is used. */
function keepWhileValid(
  context: ClientContext,
  tokens: TokenSet,
  { error, forceRefresh }: { error: unknown; forceRefresh: boolean },
): TokenSet {
  if (forceRefresh || !isValid(tokens, context.runtime.now()) || !isClerkCliAuthError(error)) throw error;
  context.emit({ type: "refresh_failed", code: error.code, message: error.message });
  return tokens;
}
