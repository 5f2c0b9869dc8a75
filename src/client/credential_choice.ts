import { ClerkCliAuthError } from "../core/errors.ts";
import { getAccessToken } from "./access_token.ts";
import type { ClientContext } from "./context.ts";
import { readRecord } from "./session_record.ts";

/** Where a credential may come from besides the login. */
export interface ResolveTokenOptions {
  /** The token that was given as an argument, if any. Arguments show in the list of processes: prefer the variable. */
  tokenFromArg?: string | null | undefined;
  /** Gives the call up. */
  signal?: AbortSignal;
}

/** The credential to use, and where it came from. */
export interface ResolvedToken {
  /** The token, to be sent as a bearer token (RFC 6750). */
  token: string;
  /** `arg`: the argument; `env`: the environment variable; `oauth`: the login. */
  source: "arg" | "env" | "oauth";
}

/**
 * Chooses a credential: argument, then environment variable, then login.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` when there is none.
 */
export async function resolveToken(
  context: ClientContext,
  { tokenFromArg, signal }: ResolveTokenOptions,
): Promise<ResolvedToken> {
  const { config, runtime } = context;
  const fromArg = tokenFromArg?.trim();
  if (fromArg) return { token: fromArg, source: "arg" };
  const fromEnv = config.tokenEnvVar && runtime.env(config.tokenEnvVar)?.trim();
  if (fromEnv) return { token: fromEnv, source: "env" };
  const token = await getAccessToken(context, signal ? { signal } : {});
  if (token !== null) return { token, source: "oauth" };
  throw await notAuthenticated(context);
}

async function notAuthenticated(context: ClientContext): Promise<ClerkCliAuthError> {
  const { tokenEnvVar } = context.config;
  const record = await readRecord(context);
  const message = record?.kind === "ended" ? `The session has ended (${record.reason})` : "Not signed in";
  const hint = tokenEnvVar ? `Sign in, or set ${tokenEnvVar}` : "Sign in";
  return new ClerkCliAuthError("not_authenticated", `${message}: ${hint[0]!.toLowerCase()}${hint.slice(1)}`, {
    action: hint,
  });
}
