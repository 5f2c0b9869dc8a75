import { isApiKey } from "../../core/tokens.ts";
import type { ClientContext } from "../context.ts";
import { admitOnly } from "../login/accept_tokens.ts";
import { login } from "../login/login.ts";
import { readRecord } from "../session/record.ts";
import { askUserinfo } from "../session/whoami.ts";

/** A request that was rejected because scopes were missing. */
interface ScopeRefusal {
  /** The rejected token. */
  token: string;
  /** The scopes that the request needs. */
  scopes: readonly string[];
  signal: AbortSignal;
}

/**
 * Asks the user at the terminal to grant missing scopes, if the program's configuration lists them. Only the
 * same account may sign in.
 *
 * @returns The new access token; `undefined` if nobody can be asked.
 * @throws {ClerkCliAuthError} What `login()` throws; `access_denied` if someone else signs in.
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
