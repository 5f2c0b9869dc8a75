import { adoptToken } from "../client/command_access.ts";
import { ClerkCliAuthError, EXIT_CODE } from "../core/errors.ts";
import type { Identity } from "../core/identity.ts";
import type { CommandContext } from "./command.ts";
import { assertExpected } from "./expected_account.ts";
import type { SelectedProfile } from "./profiles/select_profile.ts";

/**
 * Takes a token from standard input, has the backend say whose it is, and stores it.
 *
 * @throws {ClerkCliAuthError} `config` when there is no `identityEndpoint` to ask, or no token came; `verify_api_key`
 * when it is refused; `access_denied` when the profile belongs to someone else.
 */
export async function loginWithToken(context: CommandContext, selected: SelectedProfile): Promise<Identity> {
  const { auth } = selected;
  const token = await readToken(context);
  const identity = await auth.verifyToken(token);
  assertExpected(context, selected, identity);
  await adoptToken(auth, token);
  return identity;
}

async function readToken({ io: { stdin }, screen }: CommandContext): Promise<string> {
  if (stdin.isTerminal) screen.say("Paste the token (it stays hidden) and press Enter:");
  const token = (await stdin.readLine({ hidden: true }))?.trim();
  if (token) return token;
  throw new ClerkCliAuthError("config", "No token came on standard input", {
    exitCode: EXIT_CODE.GENERAL,
    action: "Pipe one in, such as `login --with-token < FILE`",
  });
}
