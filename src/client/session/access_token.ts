import { ClerkCliAuthError } from "../../core/errors.ts";
import type { ClientContext } from "../context.ts";
import { isFresh, readRecord } from "./record.ts";

/** Options of `getAccessToken()`. */
export interface AccessTokenOptions {
  /** Cancels the call. A refresh that was already sent still completes and is saved. */
  signal?: AbortSignal;
  /**
   * How long the token must still be valid, in milliseconds; a token that expires sooner is refreshed.
   * @default 30000
   */
  minValidityMs?: number;
  /**
   * Refreshes the token even if it looks valid, for example because the backend rejected it.
   * @default false
   */
  forceRefresh?: boolean;
}

/** Returns the stored access token, refreshed if necessary; `null` if nobody is signed in. */
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

/** Reports whether the profile must exist: the default profile never replaces one that was named. */
function isNamedByOthers({ profile: { source } }: ClientContext): boolean {
  return source !== "pinned" && source !== "default";
}

/** Options of `resolveToken()`. */
export interface ResolveTokenOptions {
  /** The token given as an argument, if any. Arguments are visible in the process list: prefer the variable. */
  tokenFromArg?: string | null | undefined;
  /** Cancels the call. */
  signal?: AbortSignal;
}

/** The credential to use and where it came from. */
export interface ResolvedToken {
  /** The token, to send as a bearer token (RFC 6750). */
  token: string;
  /** `arg`: the argument; `env`: the environment variable; `oauth`: the login. */
  source: "arg" | "env" | "oauth";
}

/**
 * Chooses a credential: the argument, then the environment variable, then the login.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if there is none.
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
