import { configOf } from "../client/internal_api.ts";
import { ClerkCliAuthError, EXIT_CODE } from "../core/errors.ts";
import { type Account, accountId, accountOf, organizationLabel } from "../core/account.ts";
import type { Command, CommandContext } from "./command.ts";
import type { CommandLine } from "./command_line.ts";
import { askWho, readCredential } from "./credential.ts";
import { refuseFlagBesideToken, selectProfile } from "./profiles/select.ts";

/** The output of `whoami --json`. */
export interface WhoamiReport {
  /** The owner of the credential. */
  account: Account;
  /** Where the credential comes from: the environment variable or the sign-in. */
  source: "env" | "oauth";
  /** The name of the profile, by default `default`. */
  profile: string;
  /** The issuer. */
  issuer: string;
}

/** `whoami`: asks who owns the credential. */
export const whoami: Command = { name: "whoami", run: runWhoami };

async function runWhoami(context: CommandContext, line: CommandLine): Promise<number> {
  const { screen } = context;
  const flag = line.text("profile");
  refuseFlagBesideToken(context, flag);
  const { auth, name: profile } = await selectProfile(context, { flag });
  const credential = await readCredential(auth);
  const account = accountOf(await askWho(auth, credential));
  const { source } = credential;
  if (line.has("json")) {
    screen.json({ account, source, profile, issuer: configOf(auth).issuer } satisfies WhoamiReport);
    return EXIT_CODE.SUCCESS;
  }
  screen.data(accountId(account));
  const organization = organizationLabel(account);
  if (organization) screen.say(`Organization: ${organization}`);
  if (source === "env") screen.say(`Credential: the token in ${configOf(auth).tokenEnvVar}`);
  return EXIT_CODE.SUCCESS;
}

/** The output of `token --json`. */
export interface TokenReport {
  /** The token, to send as a bearer token. */
  token: string;
  /** Where it comes from: the environment variable or the sign-in. */
  source: "env" | "oauth";
  /** When it expires, in ISO 8601; `null` if unknown. */
  expiresAt: string | null;
}

/** `token`: writes the token for another program, but not to a terminal. */
export const token: Command = { name: "token", run: runToken };

async function runToken(context: CommandContext, line: CommandLine): Promise<number> {
  const { screen, io, options } = context;
  if (io.stdout.isTerminal && !line.has("force")) {
    throw new ClerkCliAuthError("config", "A token is like a password: it is not shown on a terminal", {
      exitCode: EXIT_CODE.GENERAL,
      action: `Use it as \`$(${options.name} token)\`, or run \`${options.name} token --force\``,
    });
  }
  const flag = line.text("profile");
  refuseFlagBesideToken(context, flag);
  const { auth } = await selectProfile(context, { flag });
  const { token, source, expiresAt } = await readCredential(auth);
  if (line.has("json")) {
    const expiry = expiresAt === undefined ? null : new Date(expiresAt).toISOString();
    screen.json({ token, source, expiresAt: expiry } satisfies TokenReport);
  } else {
    screen.data(token);
  }
  return EXIT_CODE.SUCCESS;
}
