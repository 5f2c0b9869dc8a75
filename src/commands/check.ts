import type { ClerkCliAuth } from "../client/clerk_cli_auth.ts";
import {
  askIssuer,
  configOf,
  describeStorage,
  hasKeychainKey,
  probe,
  readSession,
  type SessionRecord,
} from "../client/internal_api.ts";
import { accountLabel } from "../core/account.ts";
import { type ClerkCliAuthError, EXIT_CODE, isClerkCliAuthError } from "../core/errors.ts";
import { isCertificateFailure, type TextResponse } from "../core/http.ts";
import { metadataRequest, readMetadataResponse } from "../core/metadata_document.ts";
import { isTemporary } from "../core/oauth_error.ts";
import { durationText } from "../core/time.ts";
import { isApiKey } from "../core/tokens.ts";
import type { KeychainFailure } from "../storage/keychain/keychain.ts";
import { parentDirectory } from "../storage/location.ts";
import type { CommandContext } from "./command.ts";
import { type ActiveCredential, notSignedIn, shadowingVariable } from "./credential.ts";
import { problemOf } from "./problem.ts";
import { type ProfileSource, type SelectedProfile, selectProfile } from "./profiles/select.ts";
import { shortenPaths, timeText } from "./screen.ts";

/** What can keep a command from working. */
export type CheckName =
  | "profile"
  | "keychain"
  | "record"
  | "permissions"
  | "proxy"
  | "tls"
  | "issuer"
  | "clock"
  | "backend"
  | "token";

/** The result of one check. */
export interface CheckResult {
  /** What was checked. */
  name: CheckName;
  /** `warning` keeps no command from working; `skipped` means that there is nothing to check. */
  state: "ok" | "warning" | "failed" | "skipped";
  /** The finding, in one sentence without a final period. */
  message: string;
  /** What to do about it; empty if there is nothing to suggest. */
  action: string;
}

/** The output of `status --check --json`. */
export interface CheckReport {
  /** Whether no check failed. */
  ok: boolean;
  /** The profile and who chose it; `null` if it cannot be used. */
  profile: { name: string; source: ProfileSource } | null;
  /** The result of each check. */
  checks: CheckResult[];
}

type Finding = Omit<CheckResult, "name" | "action"> & { action?: string };

const ok = (message: string): Finding => ({ state: "ok", message });
const skipped = (message: string): Finding => ({ state: "skipped", message });
const warning = (message: string, action = ""): Finding => ({ state: "warning", message, action });
const failed = (message: string, action = ""): Finding => ({ state: "failed", message, action });

/** Checks everything that a command needs, without changing anything, and reports the findings. */
export async function check(
  context: CommandContext,
  { flag, isJson }: { flag: string | undefined; isJson: boolean },
): Promise<number> {
  const report = await checkReport(context, flag);
  if (isJson) context.screen.json(report);
  else report.checks.forEach((result) => context.screen.data(shortenPaths(lineOf(result), context.env)));
  return report.ok ? EXIT_CODE.SUCCESS : EXIT_CODE.GENERAL;
}

const MARKS: Readonly<Record<CheckResult["state"], string>> = {
  ok: "✓",
  warning: "!",
  failed: "✗",
  skipped: "-",
};

const LABELS: Readonly<Record<CheckName, string>> = {
  profile: "Profile",
  keychain: "Keychain",
  record: "Sign-in",
  permissions: "Permissions",
  proxy: "Proxy",
  tls: "TLS",
  issuer: "Issuer",
  clock: "Clock",
  backend: "Backend",
  token: "Token",
};

function lineOf({ name, state, message, action }: CheckResult): string {
  return `${MARKS[state]} ${LABELS[name].padEnd(11)}  ${message}${action && `. ${action}.`}`;
}

async function checkReport(context: CommandContext, flag: string | undefined): Promise<CheckReport> {
  const checks: CheckResult[] = [];
  const add = (name: CheckName, { action = "", ...found }: Finding) =>
    checks.push({ name, ...found, action });
  const profile = await orError(selectProfile(context, { flag }));
  add("profile", isClerkCliAuthError(profile) ? failure(context, profile) : profileFinding(profile));
  const auth = isClerkCliAuthError(profile) ? context.auth.withProfile("default") : profile.auth;
  const record = isClerkCliAuthError(profile) ? profile : await orError(readSession(auth));
  if (!isClerkCliAuthError(profile)) {
    const described = await orError(describeStorage(auth));
    add("keychain", await keychainFinding(context, auth, { record, described }));
    add("record", await recordFinding(context, auth, record));
    add("permissions", await permissionsFinding(context, described));
  }
  const credential = credentialOf(context, isClerkCliAuthError(record) ? null : record);
  const [issuer, backend] = await Promise.all([
    orError(askForMetadata(auth)),
    orError(askBackend(auth, credential)),
  ]);
  add("proxy", proxyFinding(context, auth));
  add("tls", tlsFinding(context, auth, [issuer, backend]));
  add("issuer", issuerFinding(context, auth, issuer));
  add("clock", clockFinding(context, auth, issuer));
  add("backend", backendFinding(context, auth, backend));
  add("token", await tokenFinding(context, auth, { credential, backend }));
  return {
    ok: checks.every(({ state }) => state !== "failed"),
    profile: isClerkCliAuthError(profile) ? null : { name: profile.name, source: profile.source },
    checks,
  };
}

/** Returns one of our errors as a value. */
async function orError<T>(promise: Promise<T>): Promise<T | ClerkCliAuthError> {
  return await promise.catch((error) => {
    if (isClerkCliAuthError(error)) return error;
    throw error;
  });
}

function failure(context: CommandContext, error: ClerkCliAuthError): Finding {
  const { message, action } = problemOf(context, error);
  return failed(message, action);
}

function profileFinding({ name, record }: SelectedProfile): Finding {
  return ok(record ? `"${name}", ${accountLabel(record.account)}` : `"${name}"`);
}

/** What is stored, and where. */
interface Stored {
  record: SessionRecord | null | ClerkCliAuthError;
  described: Awaited<ReturnType<typeof describeStorage>> | ClerkCliAuthError;
}

/** Without a keychain, credentials are stored in a plain file, and those that were sealed before cannot be opened. */
async function keychainFinding(
  context: CommandContext,
  auth: ClerkCliAuth,
  { record, described }: Stored,
): Promise<Finding> {
  const hasKey = await orError(hasKeychainKey(auth));
  if (hasKey === undefined) return skipped("This program does not use it");
  if (typeof hasKey === "boolean") {
    const isPlain = !isClerkCliAuthError(described) && described?.protection === "none";
    if (!isPlain) {
      return ok(hasKey ? "Reachable, and has the key" : "Reachable, and ready for a login");
    }
    const login = `Run \`${context.options.name} login\` to encrypt them`;
    return warning("Reachable, but the credentials were stored without it", login);
  }
  if ((hasKey as Partial<KeychainFailure>).reason !== "missing") return failure(context, hasKey);
  const { message, action } = problemOf(context, hasKey);
  const isSealed = isClerkCliAuthError(record) && record.code === "keychain";
  if (isSealed || configOf(auth).keychainFallback === "error") {
    return failed(message, `${action}. A sandbox, a container or an SSH session hides it`);
  }
  return warning(`${message}, so credentials are kept in a file`);
}

async function recordFinding(
  context: CommandContext,
  auth: ClerkCliAuth,
  record: Stored["record"],
): Promise<Finding> {
  const variable = shadowingVariable(context);
  if (variable) return skipped(`${variable} is set, and its token is used`);
  if (isClerkCliAuthError(record)) return failure(context, record);
  if (record?.kind !== "live") return failure(context, await notSignedIn(auth));
  const { tokens: { expiresAt, refreshToken }, isRefreshing } = record;
  const now = context.runtime.now();
  if (isRefreshing) return warning("A refresh was interrupted; the next one may end the session");
  if (expiresAt === undefined) return ok("Signed in");
  if (expiresAt <= now) {
    if (refreshToken !== undefined) {
      return ok("Signed in; the token has expired, and the next command refreshes it");
    }
    return failed("The token has expired, and cannot be refreshed", `Run \`${context.options.name} login\``);
  }
  const then = refreshToken === undefined ? "" : " and is then refreshed";
  return ok(`Signed in; the token expires ${timeText(expiresAt, now)}${then}`);
}

/** Checks whether others can read or replace what is stored. */
async function permissionsFinding(
  { runtime }: CommandContext,
  described: Stored["described"],
): Promise<Finding> {
  if (isClerkCliAuthError(described)) return skipped("The credential file cannot be read");
  if (!described || described.protection === "memory") {
    return skipped("This program stores nothing in a file");
  }
  const { location, protection } = described;
  const directory = parentDirectory(runtime, location);
  const [file, parent] = await Promise.all([location, directory].map((path) => runtime.files.inspect(path)));
  if (!file) return skipped("Nothing is stored yet");
  if (runtime.platform === "windows") return ok(`${location} is in your user profile`);
  if (parent && (parent.mode & 0o022) !== 0) {
    return failed(`Others can replace files in ${directory}`, `Run \`chmod 700 ${directory}\``);
  }
  if ((file.mode & 0o077) === 0) return ok(`Only you can read ${location}`);
  const found = protection === "keychain" ? warning : failed;
  return found(`Others can read ${location}`, `Run \`chmod 600 ${location}\``);
}

/** The token that a command would send, and whether it is still valid. */
interface CheckedCredential extends ActiveCredential {
  hasExpired: boolean;
}

/** Returns the stored credential without refreshing it. */
function credentialOf(context: CommandContext, record: SessionRecord | null): CheckedCredential | undefined {
  const variable = shadowingVariable(context);
  const fromEnv = variable && context.env(variable)?.trim();
  if (fromEnv) return { token: fromEnv, source: "env", isRefreshable: false, hasExpired: false };
  if (record?.kind !== "live") return undefined;
  const { accessToken: token, refreshToken, expiresAt = Infinity } = record.tokens;
  const hasExpired = expiresAt <= context.runtime.now();
  return { token, source: "oauth", isRefreshable: refreshToken !== undefined, hasExpired };
}

/** How long to wait for each server, in milliseconds. */
const DEADLINE_MS = 10_000;

async function askForMetadata(auth: ClerkCliAuth): Promise<TextResponse> {
  const { issuer, requestTimeoutMs } = configOf(auth);
  const timeoutMs = Math.min(requestTimeoutMs, DEADLINE_MS);
  return await probe(auth, metadataRequest(issuer, "openid-configuration"), {
    endpointName: "The issuer",
    timeoutMs,
  });
}

/** Returns the backend's URL: the identity endpoint, or else the first of its origins. */
function backendUrl(auth: ClerkCliAuth): string | undefined {
  const { identityEndpoint, apiOrigins: [origin] } = configOf(auth);
  return identityEndpoint ?? (origin && `${origin}/`);
}

async function askBackend(
  auth: ClerkCliAuth,
  credential: CheckedCredential | undefined,
): Promise<TextResponse | undefined> {
  const { identityEndpoint, requestTimeoutMs } = configOf(auth);
  const url = backendUrl(auth);
  if (url === undefined) return undefined;
  const isSent = identityEndpoint !== undefined && credential !== undefined && !credential.hasExpired;
  return await probe(auth, {
    method: "GET",
    url,
    headers: { accept: "application/json", ...(isSent && { authorization: `Bearer ${credential.token}` }) },
  }, { endpointName: "The backend", timeoutMs: Math.min(requestTimeoutMs, DEADLINE_MS) });
}

/** Returns the variable that names the proxy for a URL. Its value may contain a password. */
function proxyVariable({ env }: CommandContext, url: string): string | undefined {
  const name = url.startsWith("https:") ? "https_proxy" : "http_proxy";
  return [name.toUpperCase(), name].find((variable) => env(variable) !== undefined);
}

function proxyFinding(context: CommandContext, auth: ClerkCliAuth): Finding {
  const { issuer, fetch } = configOf(auth);
  const variable = proxyVariable(context, issuer);
  if (fetch) return skipped("This program has its own fetch");
  if (variable === undefined) return ok("None is configured");
  if (context.runtime.usesProxyVariables()) return ok(`The proxy in ${variable} is used`);
  return warning(
    `${variable} is set, but is not used`,
    context.runtime.name === "node"
      ? "Set NODE_USE_ENV_PROXY=1, which takes Node 22.21 or newer"
      : "Run this outside the directory whose .env file names it",
  );
}

type Asked = TextResponse | ClerkCliAuthError | undefined;

function tlsFinding({ env }: CommandContext, auth: ClerkCliAuth, asked: readonly Asked[]): Finding {
  const untrusted = asked.find((result) => isClerkCliAuthError(result) && isCertificateFailure(result.cause));
  if (isClerkCliAuthError(untrusted)) return failed(untrusted.message, untrusted.action);
  const urls = [configOf(auth).issuer, backendUrl(auth)];
  const isUsed = urls.some((url, at) => url?.startsWith("https:") && isReached(asked[at]));
  if (!isUsed) return skipped("Not used");
  if (env("NODE_TLS_REJECT_UNAUTHORIZED") === "0") {
    return warning("Certificates are not checked: NODE_TLS_REJECT_UNAUTHORIZED is 0", "Unset it");
  }
  return ok("The certificates are trusted");
}

/** Reports whether a server responded at all. */
function isReached(asked: Asked): boolean {
  return asked?.status !== undefined;
}

function issuerFinding(
  context: CommandContext,
  auth: ClerkCliAuth,
  asked: TextResponse | ClerkCliAuthError,
): Finding {
  const { issuer } = configOf(auth);
  if (isClerkCliAuthError(asked)) return failure(context, asked);
  try {
    if (readMetadataResponse(asked, issuer)) return ok(`${new URL(issuer).host} responds`);
  } catch (error) {
    if (isClerkCliAuthError(error)) return failure(context, error);
    throw error;
  }
  return failed(`${new URL(issuer).host} responds, but is not an issuer`, "Check the issuer's address");
}

/** How far a clock may be off, in milliseconds. */
const CLOCK_TOLERANCE_MS = 60_000;

function clockFinding(
  { runtime }: CommandContext,
  auth: ClerkCliAuth,
  asked: TextResponse | ClerkCliAuthError,
): Finding {
  const date = isClerkCliAuthError(asked) ? NaN : Date.parse(asked.headers.get("date") ?? "");
  if (Number.isNaN(date)) return skipped("The issuer's response has no date");
  const aheadMs = runtime.now() - date;
  const { host } = new URL(configOf(auth).issuer);
  if (Math.abs(aheadMs) <= CLOCK_TOLERANCE_MS) return ok(`Agrees with ${host}`);
  const direction = aheadMs > 0 ? "ahead of" : "behind";
  return failed(
    `${durationText(Math.abs(aheadMs))} ${direction} ${host}`,
    "Set this computer's clock",
  );
}

function backendFinding(context: CommandContext, auth: ClerkCliAuth, asked: Asked): Finding {
  const url = backendUrl(auth);
  if (asked === undefined || url === undefined) return skipped("None is configured");
  if (isClerkCliAuthError(asked)) return failure(context, asked);
  const { host } = new URL(url);
  const said = `${host} responds with status ${asked.status}`;
  if (isTemporary(asked.status)) return failed(said, "Try again later; its log says more");
  const isIdentity = configOf(auth).identityEndpoint !== undefined;
  if (isIdentity && ![200, 401, 403].includes(asked.status)) return failed(said, "Check 'identityEndpoint'");
  return ok(`${host} responds`);
}

/** The issuer judges a sign-in, and the backend every token, if it can be asked. */
async function tokenFinding(
  { options: { name } }: CommandContext,
  auth: ClerkCliAuth,
  { credential, backend }: { credential: CheckedCredential | undefined; backend: Asked },
): Promise<Finding> {
  if (credential === undefined) return skipped("There is none");
  if (credential.hasExpired) return skipped("Expired, so it was not sent");
  const { token, source } = credential;
  const { identityEndpoint, issuer, tokenEnvVar } = configOf(auth);
  const asked = new Map<string, { status?: number | undefined }>();
  if (!isApiKey(token) && (source === "oauth" || identityEndpoint === undefined)) {
    const result = await orError(askIssuer(auth, token));
    asked.set(new URL(issuer).host, isClerkCliAuthError(result) ? result : { status: 200 });
  }
  if (identityEndpoint !== undefined && backend) asked.set(new URL(identityEndpoint).host, backend);
  const thatSay = (...statuses: number[]) =>
    [...asked].filter(([, { status = 0 }]) => statuses.includes(status)).map(([host]) => host).join(" and ");
  const refusing = thatSay(401, 403);
  if (refusing && source === "env") {
    return failed(`${refusing} refused the token in ${tokenEnvVar}`, `Set it to a valid token, or unset it`);
  }
  if (refusing) return failed(`Refused by ${refusing}`, `Run \`${name} login\``);
  return thatSay(200) ? ok(`Accepted by ${thatSay(200)}`) : skipped("Could not be checked");
}
