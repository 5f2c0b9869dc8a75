import { ClerkCliAuthError } from "../core/errors.ts";
import { decodeJwtClaims } from "../core/jwt.ts";
import type { TokenSet } from "../core/token_set.ts";

/** Tokens that can be refreshed. */
export type RefreshableTokens = TokenSet & { refreshToken: string };

/**
 * The tokens after a refresh: what it does not give again stays (RFC 6749, sections 5.1 and 6), but for the expiry of
 * the old access token.
 *
 * @throws {ClerkCliAuthError} `token_exchange` when the new tokens are somebody else's (OpenID Connect Core 1.0,
 * section 12.2).
 */
export function mergeRefreshed(used: RefreshableTokens, answer: TokenSet): RefreshableTokens {
  const [before, after] = [subject(used), subject(answer)];
  if (before !== undefined && after !== undefined && before !== after) {
    throw new ClerkCliAuthError(
      "token_exchange",
      "The refresh was answered with the tokens of another subject",
      {
        action: "Sign in again",
      },
    );
  }
  const { refreshToken, idToken, scope } = used;
  return { refreshToken, ...(idToken && { idToken }), ...(scope && { scope }), ...answer };
}

/** Whose tokens these are, where one of them says so. */
function subject({ idToken, accessToken }: TokenSet): unknown {
  return (idToken && decodeJwtClaims(idToken)?.sub) ?? decodeJwtClaims(accessToken)?.sub;
}
