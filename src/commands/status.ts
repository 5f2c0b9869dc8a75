import { configOf } from "../client/command_access.ts";
import { EXIT_CODE } from "../core/errors.ts";
import { printable } from "../core/printable.ts";
import { accountLabel, organizationLabel } from "./account.ts";
import type { Command, CommandContext } from "./command.ts";
import type { CommandLine } from "./command_line.ts";
import { table } from "./help.ts";
import { showProblem } from "./show_problem.ts";
import { PROFILE_FLAG } from "./profiles/profile_flag.ts";
import { type ProfileSource, selectProfile } from "./profiles/select_profile.ts";
import {
  type CredentialReport,
  type StatusReport,
  statusReport,
  type StorageReport,
} from "./status_report.ts";
import { timeText } from "./time_text.ts";

/** `status`: says which credential would be used, whose it is, where it is kept, and what is wrong. */
export const status: Command = {
  name: "status",
  summary: "Show the sign-in and how it is kept",
  flags: [{ name: "json", summary: "Write JSON" }, PROFILE_FLAG],
  run,
};

async function run(context: CommandContext, line: CommandLine): Promise<number> {
  const profile = await selectProfile(context, { flag: line.text("profile") });
  const report = await statusReport(context, profile);
  if (line.has("json")) context.screen.json(report);
  else show(context, report);
  return report.signedIn ? EXIT_CODE.SUCCESS : EXIT_CODE.GENERAL;
}

function show(context: CommandContext, report: StatusReport): void {
  const { screen } = context;
  const { account, credential, problem, signedIn, storage } = report;
  const organization = account && organizationLabel(account);
  if (signedIn && account) screen.done(`Signed in as ${accountLabel(account)}`);
  else if (signedIn) screen.warn("Signed in");
  else screen.fail("Not signed in");
  screen.say(table([
    ...(!signedIn && account ? [["Account", accountLabel(account)] as const] : []),
    ...(organization ? [["Organization", organization] as const] : []),
    ["Profile", profileText(context, report.profile)],
    ["Issuer", report.issuer],
    ...(credential ? credentialRows(credential) : []),
    ["Storage", storageText(storage)],
  ]));
  if (problem) showProblem(screen, problem);
}

function credentialRows(credential: CredentialReport): (readonly [string, string])[] {
  const { reason, token, scopes, expiresAt, refreshable } = credential;
  const at = expiresAt === null ? undefined : Date.parse(expiresAt);
  const expiry = at === undefined ? "does not say when it expires" : `expires ${timeText(at, Date.now())}`;
  return [
    ["Credential", reason],
    ["Token", `${token}, ${expiry}${refreshable ? ", then it is refreshed" : ""}`],
    ...(scopes ? [["Scopes", printable(scopes.join(", "), 500)] as const] : []),
  ];
}

function profileText({ auth, options }: CommandContext, { name, source }: StatusReport["profile"]): string {
  const sources: Readonly<Record<ProfileSource, string>> = {
    flag: "named by --profile",
    env: `named by ${options.profileEnvVar}`,
    file: `named by ${options.profileFile}`,
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
    case "memory":
      return "in memory, until this program ends";
    case "unknown":
      return "a store of this program's own";
  }
}
