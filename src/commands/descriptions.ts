/** The names of the commands. */
export type AuthCommandName = "login" | "logout" | "whoami" | "status" | "token" | "profiles";

/** A flag of a ready-made command. */
export interface AuthCommandFlag {
  /** The name, without hyphens. */
  readonly name: string;
  /** The placeholder for its value in the help; a flag without one takes no value. */
  readonly value?: string;
  /**
   * Whether the value is optional.
   * @default false
   */
  readonly isOptional?: boolean;
  /** What it does, in a few words. */
  readonly summary: string;
}

/** A subcommand of a ready-made command, such as `use NAME` of `profiles`. */
export interface AuthCommandAction {
  /** The word itself. */
  readonly name: string;
  /** The placeholder for its argument; a subcommand without one takes none. */
  readonly operand?: string;
  /** What it does, in a few words. */
  readonly summary: string;
}

/** The help of a ready-made command. */
export interface AuthCommandDescription {
  /** What it does, in a few words. */
  readonly summary: string;
  /** The subcommands. The first is the default. */
  readonly actions: readonly AuthCommandAction[];
  /** The flags, besides `--help`. */
  readonly flags: readonly AuthCommandFlag[];
}

const JSON_FLAG: AuthCommandFlag = { name: "json", summary: "Write JSON" };
const PROFILE_FLAG: AuthCommandFlag = { name: "profile", value: "NAME", summary: "Use this profile" };

export const DESCRIPTIONS: Readonly<Record<AuthCommandName, AuthCommandDescription>> = {
  login: {
    summary: "Sign in",
    actions: [],
    flags: [
      {
        name: "force",
        summary: "Do not ask; sign in even if a token variable is set or the profile was someone else's",
      },
      { name: "browser", summary: "Open a browser even if there seems to be none" },
      { name: "paste", summary: "Open no browser; paste the URL that your browser ended up on" },
      { name: "no-browser", summary: "The same as --paste" },
      { name: "device", summary: "Open no browser; enter a code on any device" },
      { name: "scopes", value: "A,B", summary: "Ask for these scopes" },
      { name: "with-token", summary: "Read a token from standard input instead" },
      { name: "no-wait", summary: "Say what to do and what to run next, then exit" },
      {
        name: "complete",
        value: "ID",
        isOptional: true,
        summary: "Complete a login started with --no-wait",
      },
      { name: "timeout", value: "SECONDS", summary: "How long --complete waits for the user (20)" },
      { name: "json", summary: "Write JSON, one object per line" },
      PROFILE_FLAG,
    ],
  },
  logout: {
    summary: "Sign out",
    actions: [],
    flags: [
      { name: "all", summary: "Sign out of every profile" },
      { name: "no-revoke", summary: "Only remove what is stored; do not contact the issuer" },
      JSON_FLAG,
      PROFILE_FLAG,
    ],
  },
  whoami: { summary: "Say who is signed in", actions: [], flags: [JSON_FLAG, PROFILE_FLAG] },
  status: {
    summary: "Show the sign-in and how it is kept",
    actions: [],
    flags: [
      { name: "check", summary: "Check everything that commands need; change nothing" },
      JSON_FLAG,
      PROFILE_FLAG,
    ],
  },
  token: {
    summary: "Write the token, for use by another program",
    actions: [],
    flags: [JSON_FLAG, { name: "force", summary: "Write it even to a terminal" }, PROFILE_FLAG],
  },
  profiles: {
    summary: "Manage several accounts side by side",
    actions: [
      { name: "list", summary: "List the profiles" },
      { name: "use", operand: "NAME", summary: "Use this profile from now on" },
      { name: "remove", operand: "NAME", summary: "Sign out of this profile and forget it" },
    ],
    flags: [JSON_FLAG],
  },
};

/** Returns the description for the help, with `login --device` only if the application supports it. */
export function describeCommand(
  name: AuthCommandName,
  { device = false }: { device?: boolean | undefined },
): AuthCommandDescription {
  const { flags, ...description } = DESCRIPTIONS[name];
  return { ...description, flags: flags.filter((flag) => device || flag.name !== "device") };
}
