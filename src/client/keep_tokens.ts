import { checkIdToken } from "../core/id_token.ts";
import type { UserIdentity } from "../core/identity.ts";
import type { TokenSet } from "../core/token_set.ts";
import { type Admission, admitTokens } from "./admit_tokens.ts";
import { confirmSession } from "./confirm_session.ts";
import type { ClientContext } from "./context.ts";
import { replaceSession } from "./replace_session.ts";
import { revokeTokens } from "./revoke_tokens.ts";

/** What the tokens of a login are held to. */
export interface TokenExpectation {
  /** The nonce of the authorization request, where it had one. */
  nonce: string | undefined;
  admit: Admission | undefined;
  signal: AbortSignal;
}

/** Tokens that are stored, while the issuer is asked whose they are. */
export interface KeptTokens {
  tokens: TokenSet;
  user: Promise<UserIdentity>;
}

/**
 * Stores the tokens that a login was answered with, provided that they belong to it.
 *
 * @throws {ClerkCliAuthError} `token_exchange` when they do not; they are then revoked. `storage`; what `admit` throws.
 */
export async function keepTokens(
  context: ClientContext,
  tokens: TokenSet,
  { nonce, admit, signal }: TokenExpectation,
): Promise<KeptTokens> {
  const subject = await subjectOf(context, tokens, nonce);
  if (admit) await admitTokens(context, tokens, { admit, signal });
  const previous = await replaceSession(context, tokens, signal).catch(async (error) => {
    await revokeTokens(context, tokens); // What cannot be stored would never be revoked later.
    throw error;
  });
  return { tokens, user: confirmSession(context, { tokens, subject, previous, signal }) };
}

async function subjectOf(
  context: ClientContext,
  tokens: TokenSet,
  nonce: string | undefined,
): Promise<string | undefined> {
  const { issuer, clientId } = context.config;
  try {
    return tokens.idToken && checkIdToken(tokens.idToken, { issuer, clientId, nonce });
  } catch (error) {
    await revokeTokens(context, tokens);
    throw error;
  }
}
