/**
 * A command-line tool with sign-in: `notes add`, `notes list`, and `login`, `logout`, `whoami`, `status`, `token`,
 * `profiles`.
 *
 * @module
 */
import { type ClerkCliAuth, EXIT_CODE } from "@clerk/cli-auth";
import { isAuthCommand, reportAuthError, reportRefusal, runAuthCommand } from "@clerk/cli-auth/commands";

/** Options of the auth commands. */
const OPTIONS = { name: "notes" };

const USAGE = `Usage: notes add TEXT | list | login | logout | whoami | status | token | profiles`;

/** Runs one command and returns the exit code. */
export async function notes(args: string[], auth: ClerkCliAuth, api: string): Promise<number> {
  if (isAuthCommand(args[0])) return await runAuthCommand(auth, args, OPTIONS);
  try {
    return await run(args, auth, `${api}/notes`);
  } catch (error) {
    return await reportAuthError(auth, error, OPTIONS);
  }
}

async function run([command, ...words]: string[], auth: ClerkCliAuth, url: string): Promise<number> {
  if (command === "add" && words.length > 0) {
    const response = await auth.fetch(url, { method: "POST", body: words.join(" ") });
    return await reportRefusal(auth, response, OPTIONS);
  }
  if (command === "list" && words.length === 0) {
    const response = await auth.fetch(url);
    if (!response.ok) return await reportRefusal(auth, response, OPTIONS);
    for (const note of await response.json()) console.log(`- ${note}`);
    return EXIT_CODE.SUCCESS;
  }
  console.error(USAGE);
  return EXIT_CODE.USAGE;
}
