import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import { exclusively } from "./exclusive.ts";
import { readTokens, saveLogin } from "./session_record.ts";

/** Stores the tokens of a login; gives those that they replace, as they were read under the lock. */
export async function replaceSession(
  context: ClientContext,
  tokens: TokenSet,
  signal?: AbortSignal,
): Promise<TokenSet | undefined> {
  const previous = await exclusively(context, async () => {
    const replaced = await readTokens(context);
    await saveLogin(context, { kind: "live", tokens, savedAt: context.runtime.now() });
    return replaced;
  }, { timeoutMs: context.config.requestTimeoutMs, signal });
  context.emit({ type: "stored", ...await context.builtIn?.describe() });
  return previous;
}
