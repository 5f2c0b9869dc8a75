/**
 * A command-line tool with a sign-in, as small as it can be: `login`, `whoami`, `refresh`, `logout`.
 *
 * @module
 */
import { type ClerkCliAuth, EXIT_CODE, isClerkCliAuthError } from "@clerk/cli-auth";

/** Runs one command; gives the exit code. */
export async function hello(command: string, auth: ClerkCliAuth): Promise<number> {
  try {
    return await run(command, auth);
  } catch (error) {
    if (!isClerkCliAuthError(error)) throw error;
    console.error([`hello: ${error.message}.`, error.action && `${error.action}.`].filter(Boolean).join(" "));
    return error.exitCode;
  }
}

async function run(command: string, auth: ClerkCliAuth): Promise<number> {
  switch (command) {
    case "login": {
      const { user } = await auth.login();
      console.log(`Hello, ${user.name ?? user.email ?? user.sub}.`);
      return EXIT_CODE.SUCCESS;
    }
    case "whoami": {
      const user = await auth.whoami();
      console.log(user ? `${user.email ?? user.sub} (${user.sub})` : "Nobody is signed in.");
      return user ? EXIT_CODE.SUCCESS : EXIT_CODE.GENERAL;
    }
    case "refresh": {
      const token = await auth.getAccessToken({ forceRefresh: true });
      console.log(token ? "The access token is fresh." : "Nobody is signed in.");
      return token ? EXIT_CODE.SUCCESS : EXIT_CODE.GENERAL;
    }
    case "logout": {
      const { wasSignedIn, revocations } = await auth.logout();
      for (const { error } of revocations) if (error) console.error(`hello: ${error.message}.`);
      console.log(wasSignedIn ? "Signed out." : "Nobody was signed in.");
      return EXIT_CODE.SUCCESS;
    }
    default:
      console.error("Usage: hello login | whoami | refresh | logout");
      return EXIT_CODE.USAGE;
  }
}
