import { ClerkCliAuthError } from "../core/errors.ts";
import type { TokenSet } from "../core/token_set.ts";
import type { ClientContext } from "./context.ts";
import { exclusively } from "./exclusive.ts";
import { revokeTokens, type TokenRevocation } from "./revoke_tokens.ts";
import { readRecord, removeRecord } from "./session_record.ts";

/** How a logout goes about it. */
export interface LogoutOptions {
  /**
   * Whether the issuer is asked to revoke the tokens.
   * @default true
   */
  revoke?: boolean;
  /** Gives the call up; what is stored then stays. */
  signal?: AbortSignal;
}

/** What a logout did. */
export interface LogoutReport {
  /** Whether anyone was signed in. */
  wasSignedIn: boolean;
  /** Whether nothing is stored any more. */
  cleared: boolean;
  /** What became of each token; empty when the issuer was not asked. */
  revocations: TokenRevocation[];
}

/** Revokes what is stored, then clears it whatever the issuer said. */
export async function logout(context: ClientContext, options: LogoutOptions = {}): Promise<LogoutReport> {
  const { revoke: asksIssuer = true, signal = new AbortController().signal } = options;
  return await exclusively(context, async () => {
    const tokens = await storedTokens(context);
    const revocations = tokens && asksIssuer ? await revokeTokens(context, tokens, signal) : [];
    if (signal.aborted) {
      throw new ClerkCliAuthError("cancelled", "The logout was cancelled", { cause: signal.reason });
    }
    await removeRecord(context);
    return { wasSignedIn: tokens !== undefined, cleared: true, revocations };
  }, signal);
}

/** Credentials that cannot be read must not keep anyone from clearing them. */
async function storedTokens(context: ClientContext): Promise<TokenSet | undefined> {
  try {
    const record = await readRecord(context);
    return record?.kind === "live" ? record.tokens : undefined;
  } catch {
    return undefined;
  }
}
