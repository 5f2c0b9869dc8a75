import { ClerkCliAuth, isUserIdentity } from "@clerk/cli-auth";
import { handle } from "@clerk/cli-auth/server";
import { createEmulator } from "@clerk/cli-auth/testing";

for (const value of [ClerkCliAuth, isUserIdentity, handle, createEmulator]) {
  if (typeof value !== "function") throw new Error(`${value} is no function`);
}
console.log("imported");
