import { PublicClientApplication } from "npm:@azure/msal-node@7.2.3";
import { msalConfiguration } from "../../measure/msal_configuration.ts";
import type { Login } from "./login.ts";

/** MSAL, as its documentation has it: with a listener of its own, and an ID token instead of a userinfo request. */
export const msalLogin: Login = async ({ issuer, browse }) => {
  const application = new PublicClientApplication(msalConfiguration(issuer));
  const { account } = await application.acquireTokenInteractive({ scopes: ["email"], openBrowser: browse });
  if (account === null) throw new Error("MSAL does not say who signed in");
};
