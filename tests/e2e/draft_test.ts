import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { createEmulator } from "@clerk/cli-auth/testing";
import { canRunOn, OWN_RUNTIME, runProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";

describe("a program written for Clerk's draft", () => {
  itWith(canRunOn(OWN_RUNTIME), "runs unchanged", async () => {
    const emulator = createEmulator();
    const server = await emulator.listen();
    try {
      // What a backend would return: here userinfo itself.
      const args = [server.issuer, "emulator-cli", `${server.issuer}/oauth/userinfo`];
      const { code, stdout, stderr } = await runProgram("draft", { args, env: { DRAFT_TOKEN: undefined } });
      assertEquals([code, /^Opening your browser [^✗]*$/.test(stderr)], [0, true], stderr);
      assertEquals(JSON.parse(stdout), {
        login: ["ada@example.com", "string", "string", "number"],
        stored: true,
        token: true,
        tokenSet: true,
        whoami: true,
        resolved: [["arg", false], ["oauth", true]],
        identity: "user ada@example.com",
        functions: [true, "user ada@example.com"],
        earlier: true,
        afterLogout: [null, null, null, 0],
        error: ["not_authenticated", true, true],
        store: "{}",
        exitCodes: [0, 1, 2, 130],
      });
    } finally {
      await server.close();
    }
  });
});
