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
  if (differ(subject(used), subject(answer))) throw foreign("subject");
  if (differ(issuer(used), issuer(answer))) throw foreign("issuer");
  const { refreshToken, idToken, scope } = used;
  return { refreshToken, ...(idToken && { idToken }), ...(scope && { scope }), ...answer };
}

/** Whether both are known and not the same. */
function differ(before: unknown, after: unknown): boolean {
  return before !== undefined && after !== undefined && before !== after;
}

/** Whose tokens these are, where one of them says so. */
function subject({ idToken, accessToken }: TokenSet): unknown {
  return (idToken && decodeJwtClaims(idToken)?.sub) ?? decodeJwtClaims(accessToken)?.sub;
}

/** Who issued the ID token. */
function issuer({ idToken }: TokenSet): unknown {
  return idToken && decodeJwtClaims(idToken)?.iss;
}

function foreign(whose: "subject" | "issuer"): ClerkCliAuthError {
  return new ClerkCliAuthError(
    "token_exchange",
    `The refresh was answered with the tokens of another ${whose}`,
    { action: "Sign in again" },
  );
}
