import { assertEquals, assertMatch } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { ended } from "./support/ended.ts";
import { createProject } from "./support/project.ts";

const PROGRAM = `
import { cliAuth } from "@clerk/cli-auth/server";
const auth = cliAuth({ clientIds: "any", clientConfig: { secretKey: "sk_test_unused" } });
const { code, message, action } = await auth.verifyToken("ak_1").catch((error) => error);
console.log(JSON.stringify({ code, message, action }));
`;

// On Deno the package brings @clerk/backend along.
if (OWN_RUNTIME !== "deno") {
  describe("the server half without @clerk/backend", () => {
    itWith(canRunOn(OWN_RUNTIME), "loads, and says what to install when it is used", async () => {
      const project = await createProject({});
      try {
        await writeFile(join(project.folder, "program.js"), PROGRAM);
        const runtime = readSetup()?.[OWN_RUNTIME] ?? OWN_RUNTIME;
        const { code, text } = await ended(spawn(runtime, ["program.js"], { cwd: project.folder }));
        assertEquals(code, 0, text);
        const error = JSON.parse(text);
        assertEquals([error.code, error.message], ["config", "@clerk/backend is not installed"]);
        assertMatch(error.action, /npm install @clerk\/backend/);
      } finally {
        await project.remove();
      }
    });
  });
}
