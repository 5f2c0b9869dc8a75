import { configOf } from "../client/internal_api.ts";
import { EXIT_CODE } from "../core/errors.ts";
import { type Account, accountId, accountOf, organizationLabel } from "../core/account.ts";
import type { Command, CommandContext } from "./command.ts";
import type { CommandLine } from "./command_line.ts";
import { askWho, readCredential } from "./credential.ts";
import { refuseFlagBesideToken, selectProfile } from "./profiles/select.ts";

/** What `whoami --json` writes. */
export interface WhoamiReport {
  /** Who the credential belongs to. */
  account: Account;
  /** Where the credential comes from: the environment variable, or the sign-in. */
  source: "env" | "oauth";
  /** The name of the profile; `default` if there is no other. */
  profile: string;
  /** The issuer. */
  issuer: string;
}

/** `whoami`: asks who the credential belongs to. */
export const whoami: Command = { name: "whoami", run };

async function run(context: CommandContext, line: CommandLine): Promise<number> {
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
  if (source === "env") screen.say(`The token of ${configOf(auth).tokenEnvVar} is used.`);
  return EXIT_CODE.SUCCESS;
}
