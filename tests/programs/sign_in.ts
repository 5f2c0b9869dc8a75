/**
 * Signs in as a small command-line tool would, and writes each event on a line.
 *
 *     sign_in CONFIG [--own-browser] [--stay] [--count-beats]
 */
import process from "node:process";
import { setInterval } from "node:timers";
import { ClerkCliAuth, isClerkCliAuthError } from "@clerk/cli-auth";

const [config = "{}", ...flags] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const auth = new ClerkCliAuth({
  storage: "memory",
  // Unless it has the system's browser opened, who started it takes the address from its output.
  ...(!flags.includes("--own-browser") && { openBrowser: () => {} }),
  ...JSON.parse(config),
  onEvent: (event) => {
    if (event.type === "authorize_url") say(`open ${event.url}`);
  },
});

try {
  const { user } = await auth.login();
  say(`signed in as ${user.email}`);
  if (flags.includes("--stay")) setInterval(() => {}, 1000);
  if (flags.includes("--count-beats")) countBeats();
} catch (error) {
  if (!isClerkCliAuthError(error)) throw error;
  say(`failed with ${error.code}`);
  process.exitCode = error.exitCode;
}

/** Says in the end how often a clock has ticked that keeps nothing alive: what ends by itself leaves it no time. */
function countBeats(): void {
  let beats = 0;
  setInterval(() => beats++, 20).unref();
  process.once("exit", () => say(`ended after ${beats} beats`));
}
