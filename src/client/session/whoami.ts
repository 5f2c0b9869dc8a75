import { ClerkCliAuthError, isClerkCliAuthError } from "../../core/errors.ts";
import type { Identity, UserIdentity } from "../../core/identity.ts";
import { isApiKey } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { issuerEndpoints } from "../issuer/endpoints.ts";
import { askIdentity, backendQuestion, userinfoQuestion } from "../issuer/requests.ts";
import { getAccessToken } from "./access_token.ts";

/** Asks the issuer who is signed in; `null` if nobody is. Refreshes a rejected token once. */
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
      // There is no refresh token, so userinfo has the last word.
      throw isClerkCliAuthError(failure) && failure.code === "not_authenticated" ? error : failure;
    });
    return refreshed === null ? null : await askUserinfo(context, refreshed, signal);
  }
}

/**
 * Asks the backend who owns a token.
 *
 * @throws {ClerkCliAuthError} `config` if there is no `identityEndpoint`.
 */
export async function askBackend(
  { config: { identityEndpoint, requestTimeoutMs: timeoutMs }, transport }: ClientContext,
  token: string,
  signal?: AbortSignal,
): Promise<Identity> {
  if (!identityEndpoint) {
    throw new ClerkCliAuthError("config", "Cannot verify a token: 'identityEndpoint' is not configured");
  }
  return await askIdentity(backendQuestion(identityEndpoint, token), { transport, timeoutMs, signal });
}

/** Asks the userinfo endpoint who owns a token. */
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
