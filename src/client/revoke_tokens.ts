import { isApiKey } from "../core/api_key.ts";
import { type ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import { decodeJwtClaims } from "../core/jwt.ts";
import type { TokenTypeHint } from "../core/revocation.ts";
import type { TokenSet } from "../core/token_set.ts";
import { revoke } from "./calls.ts";
import type { ClientContext } from "./context.ts";
import { issuerEndpoints } from "./issuer_metadata.ts";

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
 * other. A JWT is checked without asking the issuer, so it stays valid until it expires. Of an API key the issuer is not
 * asked.
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
export async function revokeOne(
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
