import { ClerkCliAuthError } from "../core/errors.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import { revokeTokens } from "./revoke_tokens.ts";
import { askUserinfo } from "./whoami.ts";

/** Looks at the tokens of a login before they are stored; what it throws refuses them. */
export type Admission = (tokens: TokenSet, signal: AbortSignal) => Promise<void>;

/** Whom a login must be for. */
export interface ExpectedAccount {
  subject: string;
  /** The id of the organization; `undefined` when any will do. */
  organization?: string | undefined;
}

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
    const user = await askUserinfo(context, accessToken, signal);
    if (user.sub !== expected.subject) throw refused("account");
    const { organization } = expected;
    if (organization !== undefined && user.org_id !== organization) throw refused("organization");
  };
}

function refused(what: string): ClerkCliAuthError {
  return new ClerkCliAuthError("access_denied", `The sign-in was for another ${what}, and was not kept`, {
    action: `Sign in again and choose the same ${what} as before`,
  });
}
