import { type ClerkCliAuth, isClerkCliAuthError } from "@clerk/cli-auth";

/** A command of a user or a program. */
export type Command = "login" | "complete" | "token" | "logout" | "whoami" | "verify";

/** The result of a command. */
export interface Performed {
  /** Its result, or the code of its error. */
  result: string;
  /** The exit code of the ready-made command. */
  exitCode: number;
}

/** Runs a command, and returns its result. */
export async function perform(auth: ClerkCliAuth, command: Command): Promise<Performed> {
  try {
    return await COMMANDS[command](auth);
  } catch (error) {
    if (!isClerkCliAuthError(error)) throw error;
    return { result: failed(error.code, error), exitCode: error.exitCode };
  }
}

/** The name of a failure. */
export function failed(code: string, { retryable = false }: { retryable?: boolean } = {}): string {
  return retryable ? `\`${code}\`, retryable` : `\`${code}\``;
}

const COMMANDS: Record<Command, (auth: ClerkCliAuth) => Promise<Performed>> = {
  async login(auth) {
    await auth.login();
    return { result: "signed in", exitCode: 0 };
  },
  /** Starts a login with the first of two calls, and completes it with the second. */
  async complete(auth) {
    const begun = await auth.beginLogin({ method: "paste" });
    if (begun.method !== "paste") throw new Error("It was begun in another way");
    const { createScriptedBrowser } = await import("@clerk/cli-auth/testing");
    const { url } = await createScriptedBrowser().signIn(begun.authorizationUrl, { visitCallback: false });
    await auth.completeLogin({ login: begun.login, response: url });
    return { result: "signed in", exitCode: 0 };
  },
  async token(auth) {
    const before = await auth.getTokenSet().catch(() => null);
    const token = await auth.getAccessToken();
    if (token === null) return { result: "no token", exitCode: 1 };
    return { result: token === before?.accessToken ? "the stored token" : "a new token", exitCode: 0 };
  },
  async logout(auth) {
    const { wasSignedIn, revocations } = await auth.logout();
    const error = revocations.find(({ error }) => error)?.error;
    if (error) return { result: `signed out, not revoked: ${failed(error.code, error)}`, exitCode: 1 };
    return { result: wasSignedIn ? "signed out" : "nobody was signed in", exitCode: 0 };
  },
  async whoami(auth) {
    const user = await auth.whoami();
    return user ? { result: "the user", exitCode: 0 } : { result: "nobody", exitCode: 1 };
  },
  async verify(auth) {
    const { sub } = await auth.verifyToken("ak_secret");
    return { result: sub ? "the identity" : "nobody", exitCode: 0 };
  },
};
