import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import { exclusively } from "./exclusive.ts";
import { revokeTokens } from "./revoke_tokens.ts";
import { readTokens, saveLogin } from "./session_record.ts";

/**
 * Stores the tokens of a login; gives those that they replace, as they were read under the lock. Tokens that cannot be
 * stored are revoked: nobody would ever do it later.
 */
export async function replaceSession(
  context: ClientContext,
  tokens: TokenSet,
  signal?: AbortSignal,
): Promise<TokenSet | undefined> {
  const previous = await exclusively(context, async () => {
    const replaced = await readTokens(context);
    await saveLogin(context, { kind: "live", tokens, savedAt: context.runtime.now() });
    return replaced;
  }, { timeoutMs: context.config.requestTimeoutMs, signal }).catch(async (error) => {
    await revokeTokens(context, tokens);
    throw error;
  });
  context.emit({ type: "stored", ...await context.builtIn?.describe() });
  return previous;
}
