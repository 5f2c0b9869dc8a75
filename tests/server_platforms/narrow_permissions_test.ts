import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { canRunOn, OWN_RUNTIME, runProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";

/** What the backend itself needs. */
const NEEDED = ["--no-prompt", "--allow-net", "--allow-read"];
const REPORT = "CLERK_OAUTH_CLIENT_ID may not be read";

if (OWN_RUNTIME === "deno") {
  describe("a backend in Deno with narrow permissions", () => {
    let emulator: Emulator;
    let listening: ListeningEmulator;
    beforeAll(async () => {
      emulator = createEmulator();
      listening = await emulator.listen();
    });
    afterAll(() => listening.close());

    /** The responses to a health check, to a token of the listed application, and to one of another. */
    async function responses(permissions: string[]) {
      const issued = await Promise.all(
        [emulator.application, emulator.createApplication()].map((application) =>
          emulator.issueTokens({ application })
        ),
      );
      const tokens = issued.map(({ accessToken }) => accessToken);
      const { stdout, stderr } = await runProgram("narrow_backend", {
        args: [listening.url, emulator.secretKey, ...tokens],
        env: { CLERK_OAUTH_CLIENT_ID: emulator.application.clientId },
        permissions: [...NEEDED, ...permissions],
      });
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout);
    }

    itWith(canRunOn("deno"), "is restricted to the application that it may read", async () => {
      assertEquals(await responses(["--allow-env=CLERK_OAUTH_CLIENT_ID,NODE_ENV"]), {
        statuses: [200, 200, 401],
        reported: [],
      });
    });

    for (
      const flags of [[], ["--allow-env=CLERK_SECRET_KEY"], [
        "--allow-env",
        "--deny-env=CLERK_OAUTH_CLIENT_ID",
      ]]
    ) {
      const name = flags.join(" ") || "no permission";
      itWith(canRunOn("deno"), `is misconfigured if it may not read it: ${name}`, async () => {
        assertEquals(await responses(flags), {
          statuses: [500, 500, 500],
          reported: [REPORT],
        });
      });
    }
  });
}
