import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import { type ExpectedAccount, refuseOther } from "./expected_account.ts";
import { revokeTokens } from "./revoke_tokens.ts";
import { askUserinfo } from "./whoami.ts";

/** Looks at the tokens of a login before they are stored; what it throws refuses them. */
export type Admission = (tokens: TokenSet, signal: AbortSignal) => Promise<void>;

/** Lets tokens be looked at. Refused ones are revoked: nobody would ever do it later. */
export async function admitTokens(
  context: ClientContext,
  tokens: TokenSet,
  { admit, signal }: { admit: Admission; signal: AbortSignal },
): Promise<void> {
  try {
    await admit(tokens, signal);
  } catch (error) {
    await revokeTokens(context, tokens);
    throw error;
  }
}

/** Admits the tokens of one account only. */
export function admitOnly(context: ClientContext, expected: ExpectedAccount): Admission {
  return async ({ accessToken }, signal) => {
    refuseOther(expected, await askUserinfo(context, accessToken, signal));
  };
}
