import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import type { Identity, UserIdentity } from "../../core/identity.ts";
import { isApiKey } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { issuerEndpoints } from "../issuer/endpoints.ts";
import { askIdentity, backendQuestion, userinfoQuestion } from "../issuer/requests.ts";
import { getAccessToken } from "./access_token.ts";

/** Asks the issuer who is signed in; `null` when nobody is. A token that it refuses is refreshed once. */
export async function whoami(context: ClientContext, signal?: AbortSignal): Promise<UserIdentity | null> {
  const options = signal ? { signal } : {};
  const token = await getAccessToken(context, options);
  if (token === null) return null;
  if (isApiKey(token)) return await askBackend(context, token, signal) as UserIdentity;
  try {
    return await askUserinfo(context, token, signal);
  } catch (error) {
    if (!isClerkCliAuthError(error) || error.status !== 401) throw error;
    const refreshed = await getAccessToken(context, { ...options, forceRefresh: true }).catch((failure) => {
      // The token has no refresh token, so the refusal of userinfo is the last word.
      throw isClerkCliAuthError(failure) && failure.code === "not_authenticated" ? error : failure;
    });
    return refreshed === null ? null : await askUserinfo(context, refreshed, signal);
  }
}

/**
 * Asks the backend who a token belongs to.
 *
 * @throws {ClerkCliAuthError} `config` when there is no `identityEndpoint`.
 */
export async function askBackend(
  { config: { identityEndpoint, requestTimeoutMs: timeoutMs }, transport }: ClientContext,
  token: string,
  signal?: AbortSignal,
): Promise<Identity> {
  if (!identityEndpoint) {
    throw new ClerkCliAuthError("config", "Cannot verify a token as 'identityEndpoint' is not configured");
  }
  return await askIdentity(backendQuestion(identityEndpoint, token), { transport, timeoutMs, signal });
}

/** Asks the userinfo endpoint who a token belongs to. */
export async function askUserinfo(
  context: ClientContext,
  token: string,
  signal?: AbortSignal,
): Promise<UserIdentity> {
  const { config: { requestTimeoutMs: timeoutMs }, transport } = context;
  const { userinfo } = await issuerEndpoints(context, { signal });
  return await askIdentity(userinfoQuestion(userinfo, token), {
    transport,
    timeoutMs,
    signal,
  }) as UserIdentity;
}
