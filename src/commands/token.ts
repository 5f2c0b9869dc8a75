import { EXIT_CODE } from "../core/errors.ts";
import type { Command, CommandContext } from "./command.ts";
import type { CommandLine } from "./command_line.ts";
import { readCredential } from "./credential.ts";
import { refuseFlagBesideToken, selectProfile } from "./profiles/select.ts";

/** What `token --json` writes. */
export interface TokenReport {
  /** The token, to be sent as a bearer token. */
  token: string;
  /** Where it comes from: the environment variable, or the sign-in. */
  source: "env" | "oauth";
  /** When it expires, in ISO 8601; `null` if that is not known. */
  expiresAt: string | null;
}

/** `token`: writes the token for another program, and never to a terminal. */
export const token: Command = { name: "token", run };

async function run(context: CommandContext, line: CommandLine): Promise<number> {
  const { screen, io, options } = context;
  if (io.stdout.isTerminal && !line.has("force")) {
    screen.fail("A token is like a password: it is not shown on a terminal.");
    screen.say(`Use it as \`$(${options.name} token)\`, or run \`${options.name} token --force\`.`);
    return EXIT_CODE.GENERAL;
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
