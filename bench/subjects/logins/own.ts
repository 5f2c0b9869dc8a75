import { ClerkCliAuth } from "@clerk/cli-auth";
import type { Login } from "./login.ts";

/** This package. */
export const ownLogin: Login = async ({ issuer, clientId, browse }) => {
  const auth = new ClerkCliAuth({
    clientId,
    issuer,
    storage: "memory",
    scopes: ["email"],
    ui: "none",
    openBrowser: browse,
  });
  await auth.login();
};
