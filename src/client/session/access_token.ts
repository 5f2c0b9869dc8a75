import { ClerkCliAuthError } from "../../core/errors.ts";
import type { ClientContext } from "../context.ts";
import { isFresh, readRecord } from "./record.ts";

/** How an access token is asked for. */
export interface AccessTokenOptions {
  /** Gives the call up. A refresh that was already sent is finished and saved first. */
  signal?: AbortSignal;
  /**
   * How long the token must still be valid, in milliseconds; one that expires sooner is refreshed.
   * @default 30000
   */
  minValidityMs?: number;
  /**
   * Refreshes also a token that looks valid, such as one that the backend refused.
   * @default false
   */
  forceRefresh?: boolean;
}

/** The stored access token, refreshed if it is due; `null` if nobody is signed in. */
export async function getAccessToken(
  context: ClientContext,
  options: AccessTokenOptions = {},
): Promise<string | null> {
  const { minValidityMs = 30_000, forceRefresh = false, signal } = options;
  const now = context.runtime.now();
  const record = await readRecord(context);
  if (record === null && isNamedByOthers(context)) {
    await (await import("../profiles/require_profile.ts")).requireProfile(context);
  }
  if (record?.kind !== "live") return null;
  if (!forceRefresh && isFresh(record, { now, minValidityMs })) {
    return record.tokens.accessToken;
  }
  const { refreshSession } = await import("./refresh.ts");
  const tokens = await refreshSession(context, { seen: record, minValidityMs, forceRefresh, signal });
  return tokens?.accessToken ?? null;
}

/** Whether a variable, a file or `profiles use` named the profile: the default one never stands in for it. */
function isNamedByOthers({ profile: { source } }: ClientContext): boolean {
  return source !== "pinned" && source !== "default";
}

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
