const { ClerkCliAuthError, isClerkCliAuthError } = require("@clerk/cli-auth");
const { handle } = require("@clerk/cli-auth/server");
const { createEmulator } = require("@clerk/cli-auth/testing");

for (const value of [ClerkCliAuthError, isClerkCliAuthError, handle, createEmulator]) {
  if (typeof value !== "function") throw new Error(`${value} is no function`);
}

import("@clerk/cli-auth").then((imported) => {
  const error = new imported.ClerkCliAuthError("config", "thrown by the imported copy");
  if (imported.ClerkCliAuthError === ClerkCliAuthError) throw new Error("there is only one copy");
  if (!isClerkCliAuthError(error)) throw new Error("the required copy does not know the error");
  console.log("required");
});
