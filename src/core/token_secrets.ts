import type { TokenSet } from "./token_set.ts";

/** What must stay secret of a token set. */
export function tokenSecrets({ accessToken, refreshToken = "", idToken = "" }: TokenSet): string[] {
  return [accessToken, refreshToken, idToken];
}
