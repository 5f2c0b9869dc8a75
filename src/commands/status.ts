import { configOf, describeStorage, readSession } from "../client/internal_api.ts";
import { ClerkCliAuthError, EXIT_CODE, isClerkCliAuthError } from "../core/errors.ts";
import { printable } from "../core/text.ts";
import { type Account, accountLabel, accountOf, organizationLabel } from "../core/account.ts";
import type { Command, CommandContext } from "./command.ts";
import { type CommandLine, table } from "./command_line.ts";
import { type ActiveCredential, askWho, readCredential } from "./credential.ts";
import { problemOf, type ProblemReport } from "./problem.ts";
import {
  type ProfileSource,
  refuseFlagBesideToken,
  type SelectedProfile,
  selectProfile,
} from "./profiles/select.ts";
import { maskedToken, shortenPaths, timeText } from "./screen.ts";

/** `status`: shows which credential would be used, who owns it, how it is stored, and what is wrong. */
export const status: Command = { name: "status", run };

async function run(context: CommandContext, line: CommandLine): Promise<number> {
  const flag = line.text("profile");
  refuseFlagBesideToken(context, flag);
  if (line.has("check")) {
    return await (await import("./check.ts")).check(context, { flag, isJson: line.has("json") });
  }
  const profile = await selectProfile(context, { flag });
  const report = await statusReport(context, profile);
  if (line.has("json")) context.screen.json(report);
  else show(context, report);
  return report.signedIn ? EXIT_CODE.SUCCESS : EXIT_CODE.GENERAL;
}

function show(context: CommandContext, report: StatusReport): void {
  const { screen } = context;
  const shown = (text = "") => shortenPaths(printable(text, 1000), context.env);
  const { account, credential, problem, signedIn, storage } = report;
  const organization = account && organizationLabel(account);
  if (signedIn && account) screen.data(`✓ Signed in as ${accountLabel(account)}`);
  else screen.data(signedIn ? "! Signed in" : `✗ ${shown(problem?.message)}`);
  screen.data(shortenPaths(
    table([
      ...(!signedIn && account ? [["Account", accountLabel(account)] as const] : []),
      ...(organization ? [["Organization", organization] as const] : []),
      ["Profile", profileText(context, report.profile)],
      ["Issuer", report.issuer],
      ...(credential ? credentialRows(credential, { isRefused: !signedIn }) : []),
      ["Storage", storageText(storage)],
    ]),
    context.env,
  ));
  if (signedIn && problem) screen.data(`! ${shown(problem.message)}.`);
  if (problem?.action) screen.data(`${shown(problem.action)}.`);
}

function credentialRows(
  { reason, token, scopes, expiresAt, refreshable }: CredentialReport,
  { isRefused }: { isRefused: boolean },
): (readonly [string, string])[] {
  const at = expiresAt === null ? undefined : Date.parse(expiresAt);
  const expiry = at === undefined ? "does not say when it expires" : `expires ${timeText(at, Date.now())}`;
  const state = isRefused ? "refused" : `${expiry}${refreshable ? ", then it is refreshed" : ""}`;
  return [
    ["Credential", reason],
    ["Token", `${token}, ${state}`],
    ...(scopes ? [["Scopes", printable(scopes.join(", "), 500)] as const] : []),
  ];
}

function profileText({ auth, options }: CommandContext, { name, source }: StatusReport["profile"]): string {
  const sources: Readonly<Record<ProfileSource, string>> = {
    flag: "named by --profile",
    env: `named by ${configOf(auth).profileEnvVar}`,
    file: `named by ${configOf(auth).profileFile}`,
    chosen: `chosen by \`${options.name} profiles use\``,
    config: configOf(auth).appName ? `chosen by ${configOf(auth).appName}` : "chosen by the program",
    default: "",
  };
  return sources[source] ? `${name} (${sources[source]})` : name;
}

function storageText({ location, protection }: StorageReport): string {
  switch (protection) {
    case "keychain":
      return `${location}, encrypted with a key in the keychain`;
    case "permissions":
      return `${location}, readable by you only, not encrypted`;
    case "none":
      return `${location}, readable by others, not encrypted`;
    case "memory":
      return "in memory, until this program ends";
    case "unknown":
      return "a store of this program's own";
    case null:
      return "nothing is stored";
  }
}

/** The output of `status --json`. */
export interface StatusReport {
  /** Whether there is a credential that was not rejected. */
  signedIn: boolean;
  /** The owner of the credential; `null` if unknown. */
  account: Account | null;
  /** The profile and who chose it. */
  profile: { name: string; source: ProfileSource };
  /** The issuer. */
  issuer: string;
  /** The credential that would be used; `null` if there is none. */
  credential: CredentialReport | null;
  /** Where the credentials of the sign-in are stored. */
  storage: StorageReport;
  /** What is wrong; `null` if nothing is. */
  problem: ProblemReport | null;
}

/** The credential that would be used. */
export interface CredentialReport {
  /** Where it comes from: the environment variable or the sign-in. */
  source: "env" | "oauth";
  /** Why this credential is used, in words. */
  reason: string;
  /** The masked token. */
  token: string;
  /** The granted scopes; `null` if unknown. */
  scopes: string[] | null;
  /** When it expires, in ISO 8601; `null` if unknown. */
  expiresAt: string | null;
  /** Whether it is refreshed automatically. */
  refreshable: boolean;
}

/** Where credentials are stored and how they are protected. */
export interface StorageReport {
  /** The kind of store. */
  kind: "keychain" | "file" | "memory" | "custom";
  /** The file; `null` if there is none. */
  location: string | null;
  /**
   * What protects the credentials: a key in the keychain, the file's permissions, or never being written.
   * `none` if others can read them, `unknown` for a custom store, `null` if nothing is stored.
   */
  protection: "keychain" | "permissions" | "memory" | "none" | "unknown" | null;
}

/** The sign-in is used anyway, because a backend may not check the resource. */
function otherResource(resource: string | undefined): ClerkCliAuthError {
  const what = resource === undefined ? "for a resource of its own" : `not for ${resource}`;
  return new ClerkCliAuthError("not_authenticated", `This sign-in is ${what}`, { action: "Sign in again" });
}

/** Determines the status. An error becomes the report's problem. */
async function statusReport(context: CommandContext, profile: SelectedProfile): Promise<StatusReport> {
  const { auth, name, source, record } = profile;
  const report: StatusReport = {
    signedIn: false,
    account: record?.account ?? null,
    profile: { name, source },
    issuer: configOf(auth).issuer,
    credential: null,
    storage: await storageReport(context, profile),
    problem: null,
  };
  try {
    const credential = await readCredential(auth);
    report.credential = credentialReport(context, credential);
    const stored = credential.source === "oauth" ? await readSession(auth) : null;
    if (stored?.kind === "live" && stored.resource !== configOf(auth).resource) {
      report.problem = problemOf(context, otherResource(configOf(auth).resource));
    }
    if (credential.source === "env") report.account = null;
    report.account = accountOf(await askWho(auth, credential));
    report.signedIn = true;
  } catch (error) {
    if (!isClerkCliAuthError(error)) throw error;
    report.problem = problemOf(context, error);
    if (error.code === "not_authenticated") report.credential = null; // It has just ended.
    // A backend that cannot be reached has not rejected anything.
    report.signedIn = report.credential !== null && (error.retryable || error.code === "config");
  }
  return report;
}

function credentialReport({ auth }: CommandContext, credential: ActiveCredential): CredentialReport {
  const { source, token, scopes = null, expiresAt, isRefreshable: refreshable } = credential;
  const { tokenEnvVar } = configOf(auth);
  const reason = source === "env"
    ? `${tokenEnvVar}, which takes precedence over a sign-in`
    : tokenEnvVar
    ? `the sign-in, as ${tokenEnvVar} is not set`
    : "the sign-in";
  return {
    source,
    reason,
    token: maskedToken(token),
    scopes,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    refreshable,
  };
}

/** Describes what is stored, rather than what a login would store. */
async function storageReport(
  { runtime: { files, platform } }: CommandContext,
  { auth }: SelectedProfile,
): Promise<StorageReport> {
  const { storage } = configOf(auth);
  const kind = typeof storage === "object" ? "custom" : storage;
  const description = await describeStorage(auth);
  if (!description) return { kind, location: null, protection: "unknown" };
  const { location, protection } = description;
  if (protection === "memory") return { kind, location: null, protection };
  const file = await files.inspect(location);
  if (!file) return { kind, location: null, protection: null };
  if (protection === "keychain") return { kind, location, protection };
  const isPrivate = platform === "windows" || (file.mode & 0o077) === 0;
  return { kind, location, protection: isPrivate ? "permissions" : "none" };
}
