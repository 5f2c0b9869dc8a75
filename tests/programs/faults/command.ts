/** Does what its arguments say, and prints the result as JSON. */
import process from "node:process";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { type Command, perform } from "../../faults/support/perform.ts";

const [command, config = "{}", email = "ada@example.com"] = process.argv.slice(2);
const auth = new ClerkCliAuth({
  ...JSON.parse(config),
  ui: "none",
  openBrowser: async (url) => {
    const { createScriptedBrowser } = await import("@clerk/cli-auth/testing");
    await createScriptedBrowser().signIn(url, { email });
  },
});
process.stdout.write(`${JSON.stringify(await perform(auth, command as Command))}\n`);
