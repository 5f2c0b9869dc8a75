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

/** `null` where its file was read while another process wrote it: then nobody is signed in. */
async function getAccessToken(): Promise<string | null> {
  try {
    const [account] = await application.getTokenCache().getAllAccounts();
    if (!account) return null;
    return (await application.acquireTokenSilent({ account, scopes: ["email"] })).accessToken;
  } catch (error) {
    if ((error as { errorCode?: string }).errorCode === "no_account_in_silent_request") return null;
    throw error;
  }
}

for await (const _ of eachStart()) finish(await getAccessToken());
