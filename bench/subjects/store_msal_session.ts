/** Signs in by MSAL, which leaves the tokens where it keeps them. */
import { finish, readArguments } from "./support/arguments.ts";
import { type MsalPlace, openMsal } from "./support/msal.ts";

const [place] = readArguments<[MsalPlace]>();
const application = await openMsal(place);
await application.acquireTokenByCode({ code: "code", redirectUri: "http://localhost", scopes: ["email"] });
finish(null);
