/** Asks MSAL for the access token, which has expired, at the moment when others do. */
import { finish, readArguments } from "./support/arguments.ts";
import { eachStart } from "./support/barrier.ts";
import { type MsalPlace, openMsal } from "./support/msal.ts";

const [place] = readArguments<[MsalPlace]>();
const application = await openMsal(place);

async function getAccessToken(): Promise<string> {
  const [account] = await application.getTokenCache().getAllAccounts();
  const { accessToken } = await application.acquireTokenSilent({ account: account!, scopes: ["email"] });
  return accessToken;
}

for await (const _ of eachStart()) finish(await getAccessToken());
