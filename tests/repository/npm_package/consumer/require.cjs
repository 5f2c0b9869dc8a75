const client = require("@clerk/cli-auth");
const { runAuthCommand } = require("@clerk/cli-auth/commands");
const { handle } = require("@clerk/cli-auth/server");
const { createEmulator } = require("@clerk/cli-auth/testing");

for (const value of [client.ClerkCliAuth, runAuthCommand, handle, createEmulator]) {
  if (typeof value !== "function") throw new Error(`${value} is no function`);
}

import("@clerk/cli-auth").then(async (imported) => {
  for (const [name, value] of Object.entries(imported)) {
    if (client[name] !== value) throw new Error(`there are two copies of ${name}`);
  }
  const auth = new client.ClerkCliAuth({
    clientId: "client",
    issuer: "https://clerk.example.com",
    storage: "memory",
  });
  if ((await auth.getAccessToken()) !== null) throw new Error("somebody is signed in");
  console.log("required");
});
