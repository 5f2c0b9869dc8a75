import { isApiKey } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { admitOnly } from "../login/accept_tokens.ts";
import { login } from "../login/login.ts";
import { readRecord } from "../session/record.ts";
import { askUserinfo } from "../session/whoami.ts";

/** A request that was refused for want of scopes. */
interface ScopeRefusal {
  /** The token that it was sent with. */
  token: string;
  /** The scopes that would do. */
  scopes: readonly string[];
  signal: AbortSignal;
}

/**
 * Has the person at the terminal grant the scopes that are missing, where they are on the program's own list. Only the
 * same account is taken.
 *
 * @returns the new access token; `undefined` when nobody could be asked.
 * @throws {ClerkCliAuthError} what `login()` throws; `access_denied` when someone else signs in.
 */
export async function stepUp(
  context: ClientContext,
  { token, scopes, signal }: ScopeRefusal,
): Promise<string | undefined> {
  const record = await readRecord(context);
  if (record?.kind !== "live" || isApiKey(record.tokens.accessToken)) return undefined;
  const { config, runtime: { terminal } } = context;
  const granted = record.tokens.scope?.split(" ") ?? config.scopes;
  const missing = scopes.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) {
    return record.tokens.accessToken === token ? undefined : record.tokens.accessToken;
  }
  const hasTerminal = terminal.isInteractive("stdin") && terminal.isInteractive("stderr");
  const isOurs = missing.every((scope) => config.scopes.includes(scope));
  if (config.ui === "none" || !hasTerminal || !isOurs) return undefined;

  const { sub: subject } = await askUserinfo(context, record.tokens.accessToken, signal);
  terminal.write(`This needs more access than you have granted so far: ${missing.join(", ")}.\n`);
  const { tokens } = await login(context, {
    scopes: [...granted, ...missing],
    admit: admitOnly(context, {
      subject,
      remedy: "Grant the access with the account that you are signed in with",
    }),
    signal,
  });
  return tokens.accessToken;
}
