import {
  configOf,
  DEFAULT_PROFILE,
  readSession,
  type SessionRecord,
  type TokenRevocation,
} from "../client/internal_api.ts";
import { type Account, accountId } from "../core/account.ts";
import { EXIT_CODE, isClerkCliAuthError } from "../core/errors.ts";
import type { TokenTypeHint } from "../core/token_endpoint.ts";
import { isApiKey } from "../core/tokens.ts";
import type { Command, CommandContext } from "./command.ts";
import { type CommandLine, UsageError } from "./command_line.ts";
import { shadowingVariable } from "./credential.ts";
import { problemOf, type ProblemReport, reportError } from "./problem.ts";
import { allProfiles, type KnownProfile, selectProfile } from "./profiles/select.ts";
import { timeText } from "./screen.ts";

/** The result for a profile, in the output of `logout --json` and `profiles remove --json`. */
export interface SignOutReport {
  /** The name of the profile, by default `default`. */
  profile: string;
  /** Whether anyone was signed in. */
  wasSignedIn: boolean;
  /** Its account; `null` if unknown. */
  account: Account | null;
  /** The result for each token; empty if the issuer was not asked. */
  revocations: RevocationReport[];
  /** Why signing out failed; `null` if it did not. */
  problem: ProblemReport | null;
}

/** The result of revoking one token. */
export interface RevocationReport {
  /** The token. */
  token: TokenTypeHint;
  /** Whether the issuer revoked it. */
  revoked: boolean;
  /** How long it stays valid, in ISO 8601; `null` if unknown. */
  validUntil: string | null;
  /** Whether it is kept, sealed, for the next login or logout to retry. */
  kept: boolean;
  /** Why it was not revoked, if the issuer was asked. */
  problem: ProblemReport | null;
}

/** `logout`: revokes and removes the stored tokens, and says what stays valid. */
export const logout: Command = { name: "logout", run };

async function run(context: CommandContext, line: CommandLine): Promise<number> {
  const flag = line.text("profile");
  if (line.has("all") && flag !== undefined) {
    throw new UsageError('"--all" and "--profile" exclude each other');
  }
  const profiles = line.has("all")
    ? await allProfiles(context)
    : [await selectProfile(context, { flag, isReplaced: true })];
  const left: Left[] = [];
  for (const profile of profiles) {
    left.push(await leave(context, profile, { revoke: !line.has("no-revoke") }));
  }
  if (line.has("json")) context.screen.json(left.map(({ report }) => report));
  const variable = shadowingVariable(context);
  if (variable) context.screen.warn(`${variable} is still set: its token is used until you unset it.`);
  return Math.max(...left.map(({ exitCode }) => exitCode));
}

/** The result of signing out of a profile. */
interface Left {
  exitCode: number;
  report: SignOutReport;
}

/**
 * Signs out of a profile. Anyone may then use the default profile, or one that nothing is known about. A
 * failure is reported and does not stop the others.
 */
async function leave(
  context: CommandContext,
  profile: KnownProfile,
  options: { revoke: boolean },
): Promise<Left> {
  try {
    const left = await signOut(context, profile, options);
    const isFree = profile.name === DEFAULT_PROFILE || profile.isForeign || profile.record === null;
    if (isFree) await profile.files.remove(profile.name);
    return left;
  } catch (error) {
    const exitCode = reportError(context, error, { isJson: false });
    const problem = isClerkCliAuthError(error) ? problemOf(context, error) : null;
    return { exitCode, report: { ...newReport(profile), problem } };
  }
}

function newReport({ name, record }: KnownProfile): SignOutReport {
  const account = record?.account ?? null;
  return { profile: name, wasSignedIn: false, account, revocations: [], problem: null };
}

/** Signs out of a profile and reports it. The exit code tells whether everything was revoked that should be. */
export async function signOut(
  context: CommandContext,
  profile: KnownProfile,
  { revoke }: { revoke: boolean },
): Promise<Left> {
  // An unreadable record must not prevent a logout.
  const before = await readSession(profile.auth).catch(() => null);
  const { wasSignedIn, revocations } = await profile.auth.logout({ revoke });
  const isForeign = !wasSignedIn && profile.isForeign;
  const isRevoked = isForeign || revocations.every(({ error }) => error === undefined);
  say(context, profile, { before, wasSignedIn, revocations });
  const report: SignOutReport = {
    ...newReport(profile),
    wasSignedIn,
    revocations: revocations.map((revocation) => revocationReport(context, revocation)),
  };
  return { exitCode: isRevoked ? EXIT_CODE.SUCCESS : EXIT_CODE.GENERAL, report };
}

function revocationReport(context: CommandContext, revocation: TokenRevocation): RevocationReport {
  const { token, revoked, error, kept = false, validUntil } = revocation;
  return {
    token,
    revoked,
    validUntil: validUntil === undefined ? null : new Date(validUntil).toISOString(),
    kept,
    problem: error ? problemOf(context, error) : null,
  };
}

/** The result of a logout. */
interface Outcome {
  before: SessionRecord | null;
  wasSignedIn: boolean;
  revocations: readonly TokenRevocation[];
}

function say(context: CommandContext, profile: KnownProfile, outcome: Outcome): void {
  const { screen } = context;
  const { before, wasSignedIn, revocations } = outcome;
  if (!wasSignedIn && profile.isForeign) {
    return screen.warn(
      `Removed the sign-in at ${profile.record?.issuer}${inProfile(profile)}, without revoking it there.`,
    );
  }
  if (!wasSignedIn) {
    screen.say(`You were not signed in${inProfile(profile)}.`);
    for (const { error } of revocations) {
      screen.warn(
        `An earlier sign-in could not be revoked yet: ${error?.message}. The next logout tries again.`,
      );
    }
    return;
  }
  const who = profile.record ? ` of ${accountId(profile.record.account)}` : "";
  screen.done(`Signed out${who}${inProfile(profile)}.`);
  if (revocations.length === 0) screen.warn(whyNotRevoked(before));
  revocations.forEach((revocation) => reportRevocation(context, revocation));
}

function inProfile({ name }: KnownProfile): string {
  return name === DEFAULT_PROFILE ? "" : ` (profile "${name}")`;
}

function whyNotRevoked(before: SessionRecord | null): string {
  return before?.kind === "live" && isApiKey(before.tokens.accessToken)
    ? "The API key stays valid: revoke it where you created it."
    : "Nothing was revoked: anyone who has a copy of the tokens can still use them.";
}

function reportRevocation({ auth, screen }: CommandContext, revocation: TokenRevocation): void {
  const { token, revoked, error, kept, validUntil } = revocation;
  const { host } = new URL(configOf(auth).issuer);
  const name = token === "refresh_token" ? "sign-in" : "access token";
  if (revoked) return screen.say(`  The ${name} was revoked at ${host}.`);
  if (!error && validUntil !== undefined && validUntil <= Date.now()) return; // It has expired.
  const until = validUntil === undefined ? "" : ` until ${new Date(validUntil).toISOString()}`;
  const soon = validUntil === undefined ? "" : ` (${timeText(validUntil, Date.now())})`;
  if (error) {
    screen.warn(`The ${name} could not be revoked and stays valid${until}${soon}: ${error.message}.`);
    if (kept) screen.say("  The next login or logout tries again; until then it is kept, encrypted.");
    return;
  }
  screen.say(`  The ${name} cannot be revoked: backends that do not ask ${host} accept it${until}${soon}.`);
}
