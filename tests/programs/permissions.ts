/** A whole session, by the documented narrow permissions: prints what happened as one line of JSON. */
import process from "node:process";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";

const [config = "{}"] = process.argv.slice(2);
const events: string[] = [];
const auth = new ClerkCliAuth({
  ...JSON.parse(config),
  ui: "none",
  openBrowser: createScriptedBrowser().opener(),
  onEvent: (event) => events.push("protection" in event ? `${event.type}:${event.protection}` : event.type),
});
const { user } = await auth.login();
const renewed = await auth.getAccessToken({ forceRefresh: true });
const account = await auth.whoami();
const { cleared } = await auth.logout();
process.stdout.write(
  `${JSON.stringify({ isSame: user.sub === account?.sub, isRenewed: renewed !== null, cleared, events })}\n`,
);
