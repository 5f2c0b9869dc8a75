/** Signs in with MSAL, which stores the tokens. */
import type { MsalPlace } from "../sessions.ts";
import { openMsal } from "./support/msal.ts";
import { answerTasks, readArguments } from "./support/tasks.ts";

const [place] = readArguments<[MsalPlace]>();
const application = await openMsal(place);
await answerTasks(async () => {
  await application.acquireTokenByCode({ code: "code", redirectUri: "http://localhost", scopes: ["email"] });
});
