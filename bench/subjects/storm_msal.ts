/** Asks MSAL for the access token, which has expired, at the moment when others do. */
import process from "node:process";
import { finish, readArguments } from "./support/arguments.ts";
import { eachStart } from "./support/barrier.ts";
import { type MsalPlace, openMsal } from "./support/msal.ts";

const [place] = readArguments<[MsalPlace]>();
const application = await openMsal(place);

/**
 * The lock of MSAL is let go of twice. That removes the lock file of another process, which then leaves its own handle
 * open: Bun takes that for an error.
 */
process.on("uncaughtException", (error) => {
  if (!String(error).includes("FileHandle")) throw error;
});

async function getAccessToken(): Promise<string> {
  const [account] = await application.getTokenCache().getAllAccounts();
  const { accessToken } = await application.acquireTokenSilent({ account: account!, scopes: ["email"] });
  return accessToken;
}

for await (const _ of eachStart()) finish(await getAccessToken());
