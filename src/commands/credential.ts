import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import {
  askIssuer,
  configOf,
  readChallenge,
  readSession,
  type SessionRecord,
} from "../client/internal_api.ts";
import { ClerkCliAuthError, EXIT_CODE, isClerkCliAuthError } from "../core/errors.ts";
import type { Identity } from "../core/identity.ts";
import { isTemporary, readOAuthError, readRetryAfter } from "../core/oauth_error.ts";
import { printable } from "../core/text.ts";
import { durationText } from "../core/time.ts";
import { isApiKey } from "../core/tokens.ts";
import type { CommandContext } from "./command.ts";
import { showProblem } from "./problem.ts";

/** The credential that a command would use. */
export interface ActiveCredential {
  token: string;
  source: "env" | "oauth";
  /** The granted scopes, if known. */
  scopes?: string[];
  /** When the credential expires, in Unix milliseconds, if known. */
  expiresAt?: number;
  /** Whether the credential is refreshed automatically. */
  isRefreshable: boolean;
}

/**
 * Returns the credential, refreshed if necessary.
 *
 * @throws {ClerkCliAuthError} `not_authenticated` if there is none, or what the refresh throws.
 */
export async function readCredential(auth: ClerkCliAuth): Promise<ActiveCredential> {
  const { token, source } = await auth.resolveToken().catch(async (error) => {
    throw isClerkCliAuthError(error) && error.code === "not_authenticated" ? await notSignedIn(auth) : error;
  });
  if (source !== "oauth") return { token, source: "env", isRefreshable: false };
  const { scope, expiresAt, refreshToken } = await auth.getTokenSet() ?? {};
  return {
    token,
    source,
    ...(scope !== undefined && { scopes: scope.split(" ").filter(Boolean) }),
    ...(expiresAt !== undefined && { expiresAt }),
    isRefreshable: refreshToken !== undefined,
  };
}

/**
 * Asks who owns a credential: the issuer for that of a login, the backend for any other.
 *
 * @throws {ClerkCliAuthError} `verify_api_key` or `userinfo` if it is rejected, `config` if there is nobody
 * to ask.
 */
export async function askWho(auth: ClerkCliAuth, { token, source }: ActiveCredential): Promise<Identity> {
  const isLogin = source === "oauth" && !isApiKey(token);
  const { identityEndpoint, issuer, tokenEnvVar } = configOf(auth);
  if (isLogin) {
    const user = await auth.whoami();
    if (user) return user;
    throw await notSignedIn(auth);
  }
  const isForBackend = identityEndpoint !== undefined || isApiKey(token);
  const asking = isForBackend ? auth.verifyToken(token) : askIssuer(auth, token);
  return await asking.catch((error) => {
    if (source !== "env" || !isRefusal(error)) throw error;
    const by = isForBackend ? identityEndpoint ?? issuer : issuer;
    throw refusedVariable(tokenEnvVar, { by, cause: error });
  });
}

function isRefusal(error: unknown): error is ClerkCliAuthError {
  return isClerkCliAuthError(error) && (error.status === 401 || error.status === 403);
}

/** Returns the error of a token that was rejected, naming the variable it came from. */
function refusedVariable(
  variable = "the environment",
  { by, cause }: { by: string; cause: ClerkCliAuthError },
): ClerkCliAuthError {
  const { code, status, oauthError } = cause;
  return new ClerkCliAuthError(code, `${new URL(by).host} refused the token in ${variable}`, {
    action: `Set ${variable} to a valid token, or unset it to use your sign-in`,
    ...(status !== undefined && { status }),
    ...(oauthError !== undefined && { oauthError }),
    cause,
  });
}

type EndReason = Extract<SessionRecord, { kind: "ended" }>["reason"];

const END_REASONS: Readonly<Record<EndReason, string>> = {
  invalid_grant: "The session has ended: the issuer no longer accepts it",
  expired: "The session has expired",
  refresh_interrupted: "The session has ended: a refresh was interrupted and its response lost",
};

/** Returns the error if nobody is signed in, with the reason if a session has ended. */
export async function notSignedIn(auth: ClerkCliAuth): Promise<ClerkCliAuthError> {
  const record = await readSession(auth);
  const message = record?.kind === "ended" ? END_REASONS[record.reason] : "You are not signed in";
  return new ClerkCliAuthError("not_authenticated", message);
}

/** Returns the environment variable whose token overrides the sign-in; `undefined` if it has none. */
export function shadowingVariable({ auth, env }: CommandContext): string | undefined {
  const { tokenEnvVar } = configOf(auth);
  return tokenEnvVar !== undefined && env(tokenEnvVar)?.trim() ? tokenEnvVar : undefined;
}

/** Reports why a backend rejected a request and what to do; returns the exit code. */
export async function reportResponse(context: CommandContext, response: Response): Promise<number> {
  if (response.ok) return EXIT_CODE.SUCCESS;
  const { description } = readOAuthError(await textOf(response));
  const why = description ? `: ${printable(description, 300)}` : "";
  const { message, action } = await explain(context, response);
  showProblem(context.screen, { message: `${message}${why}`, action });
  return EXIT_CODE.GENERAL;
}

/** A longer body tells the user nothing, in characters. */
const MAX_BODY = 10_000;

/** Reads the body if it may contain an error of OAuth or Clerk. */
async function textOf(response: Response): Promise<string> {
  if (response.bodyUsed) return "";
  if (!response.headers.get("content-type")?.includes("json")) {
    await response.body?.cancel();
    return "";
  }
  const text = await response.text().catch(() => ""); // The status says enough.
  return text.length > MAX_BODY ? "" : text;
}

interface Explanation {
  message: string;
  action: string;
}

async function explain(context: CommandContext, { status, headers, url }: Response): Promise<Explanation> {
  const { name } = context.options;
  const host = URL.canParse(url) ? new URL(url).host : "The backend";
  const variable = shadowingVariable(context);
  const credential = variable ? `the token in ${variable}` : "your sign-in";
  const { apiOrigins, scopes: configured } = configOf(context.auth);
  const isUnlisted = URL.canParse(url) && !apiOrigins.includes(new URL(url).origin);
  if (status === 401 && isUnlisted) {
    return {
      message: `${host} was not sent ${credential}: its origin is not in 'apiOrigins'`,
      action: `Add ${new URL(url).origin} if it may have it`,
    };
  }
  if (status === 401) {
    const action = variable
      ? `Set ${variable} to a valid token, or unset it to use your sign-in`
      : `Run \`${name} login\``;
    return { message: `${host} did not accept ${credential}`, action };
  }
  if (status === 403) {
    const { error, scopes = [] } = await readChallenge(headers.get("www-authenticate")) ?? {};
    const needed = scopes.filter((scope) => /^[\x21-\x7e]{1,100}$/.test(scope));
    if (error !== "insufficient_scope" || needed.length === 0) {
      return { message: `${host} does not let you do this`, action: "" };
    }
    const message = `${host} needs more access than ${credential} gives (${needed.join(", ")})`;
    const asked = [...new Set([...configured, ...needed])].join(",");
    const action = variable
      ? `Set ${variable} to one that has it`
      : `Run \`${name} login --scopes ${asked}\``;
    return { message, action };
  }
  const message = `${host} responded with status ${status}`;
  if (!isTemporary(status)) return { message, action: "" };
  const afterMs = readRetryAfter(headers.get("retry-after"));
  return { message, action: `Try again ${afterMs ? `in ${durationText(afterMs)}` : "later"}` };
}
