/** Does with a stored session what its arguments say, and prints what came of it as one line of JSON. */
import process from "node:process";
import { ClerkCliAuth, isClerkCliAuthError } from "@clerk/cli-auth";

const [command = "", config = "{}"] = process.argv.slice(2);
const events: string[] = [];
const auth = new ClerkCliAuth({
  ...JSON.parse(config),
  ui: "none",
  onEvent: (event) =>
    events.push(event.type === "session_ended" ? `${event.type}:${event.reason}` : event.type),
});

const COMMANDS: Record<string, () => Promise<unknown>> = {
  token: () => auth.getAccessToken(),
  renew: () => auth.getAccessToken({ forceRefresh: true }),
  logout: async () => (await auth.logout()).wasSignedIn,
  login: async () => {
    const { user } = await auth.login({ join: true });
    return user.sub;
  },
};

process.stdout.write("started\n");
try {
  const result = await COMMANDS[command]!();
  process.stdout.write(`${JSON.stringify({ result, events })}\n`);
} catch (error) {
  if (!isClerkCliAuthError(error)) throw error;
  process.stdout.write(`${JSON.stringify({ error: error.code, retryable: error.retryable, events })}\n`);
}
