import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import process from "node:process";
import { GET } from "../../examples/deploy/next/app/api/me/route.ts";
import { assertServesIdentities } from "./support/deployment_contract.ts";

describe("the Next.js route handler", () => {
  const before = { ...process.env };
  let emulator: Emulator;
  let listening: ListeningEmulator;
  beforeAll(async () => {
    emulator = createEmulator();
    listening = await emulator.listen();
    process.env["CLERK_SECRET_KEY"] = emulator.secretKey;
    process.env["CLERK_API_URL"] = listening.url;
    process.env["CLERK_OAUTH_CLIENT_ID"] = emulator.application.clientId;
  });
  afterAll(async () => {
    for (const name of ["CLERK_SECRET_KEY", "CLERK_API_URL", "CLERK_OAUTH_CLIENT_ID"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    await listening.close();
  });

  it("serves identities", async () => {
    await assertServesIdentities(GET, { emulator, origin: "https://app.example.com" });
  });
});
