/**
 * Does with a stored session what its arguments say, and prints the result as one line of JSON. The user signs in at
 * once, or, with `patient`, at the end of standard input.
 *
 * @module
 */
import process from "node:process";
import { ClerkCliAuth, isClerkCliAuthError } from "@clerk/cli-auth";

const [command = "", config = "{}"] = process.argv.slice(2);
const { patient = false, decision = "allow", ...given } = JSON.parse(config);
const events: string[] = [];
const auth = new ClerkCliAuth({
  ...given,
  openBrowser: async (url) => {
    process.stdout.write("opened\n");
    if (patient) await new Promise((resolve) => process.stdin.resume().once("end", resolve));
    const { createScriptedBrowser } = await import("@clerk/cli-auth/testing");
    await createScriptedBrowser().signIn(url, { decision });
  },
  ui: "none",
  onEvent: (event) =>
    events.push(event.type === "session_ended" ? `${event.type}:${event.reason}` : event.type),
});

const COMMANDS: Record<string, () => Promise<unknown>> = {
  token: () => auth.getAccessToken(),
  renew: () => auth.getAccessToken({ forceRefresh: true }),
  logout: async () => (await auth.logout()).wasSignedIn,
  revocations: async () => (await auth.logout()).revocations,
  login: async () => (await auth.login()).tokens.accessToken,
  join: async () => (await auth.login({ join: true })).tokens.accessToken,
};

process.stdout.write("started\n");
try {
  const result = await COMMANDS[command]!();
  process.stdout.write(`${JSON.stringify({ result, events })}\n`);
} catch (error) {
  if (!isClerkCliAuthError(error)) throw error;
  process.stdout.write(`${JSON.stringify({ error: error.code, retryable: error.retryable, events })}\n`);
}
