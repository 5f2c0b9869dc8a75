import {
  configOf,
  DEFAULT_PROFILE,
  readSession,
  type SessionRecord,
  type TokenRevocation,
} from "../client/internal_api.ts";
import { EXIT_CODE } from "../core/errors.ts";
import { isApiKey } from "../core/tokens.ts";
import { accountId } from "../core/account.ts";
import type { Command, CommandContext } from "./command.ts";
import { type CommandLine, UsageError } from "./command_line.ts";
import { shadowingVariable } from "./credential.ts";
import { reportError } from "./problem.ts";
import { allProfiles, type KnownProfile, PROFILE_FLAG, selectProfile } from "./profiles/select.ts";
import { timeText } from "./screen.ts";

/** `logout`: revokes and removes what is stored, and says what stays valid. */
export const logout: Command = {
  name: "logout",
  summary: "Sign out",
  flags: [
    { name: "all", summary: "Sign out of every profile" },
    { name: "no-revoke", summary: "Only remove what is stored; ask the issuer nothing" },
    PROFILE_FLAG,
  ],
  run,
};

async function run(context: CommandContext, line: CommandLine): Promise<number> {
  const flag = line.text("profile");
  if (line.has("all") && flag !== undefined) {
    throw new UsageError('"--all" and "--profile" exclude each other');
  }
  const profiles = line.has("all")
    ? await allProfiles(context)
    : [await selectProfile(context, { flag, isReplaced: true })];
  const exitCodes: number[] = [];
  for (const profile of profiles) {
    exitCodes.push(await leave(context, profile, { revoke: !line.has("no-revoke") }));
  }
  const variable = shadowingVariable(context);
  if (variable) context.screen.warn(`${variable} is still set: its token is used until you unset it.`);
  return Math.max(...exitCodes);
}

/**
 * Signs out a profile. The default one is then free for anyone, and so is one of which nothing is known here. A failure
 * is reported and does not stop the others.
 */
async function leave(
  context: CommandContext,
  profile: KnownProfile,
  options: { revoke: boolean },
): Promise<number> {
  try {
    const isRevoked = await signOut(context, profile, options);
    const isFree = profile.name === DEFAULT_PROFILE || profile.isForeign || profile.record === null;
    if (isFree) await profile.files.remove(profile.name);
    return isRevoked ? EXIT_CODE.SUCCESS : EXIT_CODE.GENERAL;
  } catch (error) {
    return reportError(context, error, { isJson: false });
  }
}

/** Signs out a profile; returns whether everything that should be revoked was. */
export async function signOut(
  context: CommandContext,
  profile: KnownProfile,
  { revoke }: { revoke: boolean },
): Promise<boolean> {
  const { screen } = context;
  // A record that cannot be read must not keep anyone from signing out.
  const before = await readSession(profile.auth).catch(() => null);
  const { wasSignedIn, revocations } = await profile.auth.logout({ revoke });
  if (!wasSignedIn && profile.isForeign) {
    screen.warn(
      `Removed the sign-in at ${profile.record?.issuer}${inProfile(profile)}, without revoking it there.`,
    );
    return true;
  }
  if (!wasSignedIn) {
    screen.say(`You were not signed in${inProfile(profile)}.`);
    for (const { error } of revocations) {
      screen.warn(
        `An earlier sign-in could not be revoked yet: ${error?.message}. The next logout tries again.`,
      );
    }
    return revocations.length === 0;
  }
  const who = profile.record ? ` of ${accountId(profile.record.account)}` : "";
  screen.done(`Signed out${who}${inProfile(profile)}.`);
  if (revocations.length === 0) screen.warn(whyNotRevoked(before));
  revocations.forEach((revocation) => reportRevocation(context, revocation));
  return revocations.every(({ error }) => error === undefined);
}

function inProfile({ name }: KnownProfile): string {
  return name === DEFAULT_PROFILE ? "" : ` (profile "${name}")`;
}

function whyNotRevoked(before: SessionRecord | null): string {
  return before?.kind === "live" && isApiKey(before.tokens.accessToken)
    ? "The API key stays valid: revoke it where it was made."
    : "Nothing was revoked: the tokens stay valid, whoever has a copy can use them.";
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
    if (kept) screen.say("  It is kept, sealed, to be revoked by the next logout or login.");
    return;
  }
  screen.say(`  The ${name} stays valid${until}${soon}: backends can check it without asking ${host}.`);
}
