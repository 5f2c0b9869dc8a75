import { assertEquals, assertRejects } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { SECRET_SERVICE, startKeyring } from "./keyring.ts";
import { canRunOn, OWN_RUNTIME, runProgram, startProgram } from "./program.ts";
import { itWith } from "./requirement.ts";

describe("runProgram()", () => {
  for (const runtime of ["deno", "node", "bun"] as const) {
    itWith(canRunOn(runtime), `runs a program that imports the package on ${runtime}`, async () => {
      const result = await runProgram("harness_probe", {
        runtime,
        args: ["a b"],
        env: { PROBE: "from the test" },
      });
      assertEquals(result, {
        code: 3,
        signal: null,
        stdout: `${runtime} a b from the test\n`,
        stderr: "on stderr\n",
      });
    });
  }
});

describe("startProgram()", () => {
  itWith(
    canRunOn(OWN_RUNTIME),
    "returns a running program, its output as it comes, and its end by a signal",
    async () => {
      const program = startProgram("harness_probe", { args: ["--wait"] });
      assertEquals((await program.waitForOutput(/^(\w+) --wait/))[1], OWN_RUNTIME);
      program.child.kill("SIGKILL");
      assertEquals((await program.ended).signal, "SIGKILL");
    },
  );

  itWith(canRunOn(OWN_RUNTIME), "rejects the wait for output that never comes", async () => {
    const program = startProgram("harness_probe");
    await assertRejects(() => program.waitForOutput(/never/), Error, "before it wrote /never/");
  });
});

describe("startKeyring()", () => {
  itWith(SECRET_SERVICE, "returns a Secret Service that stores", async () => {
    const keyring = await startKeyring();
    try {
      const env = { ...process.env, ...keyring.env };
      const stored = promisify(execFile)("secret-tool", ["store", "--label=probe", "service", "probe"], {
        env,
      });
      stored.child.stdin?.end("a secret");
      await stored;
      const { stdout } = await promisify(execFile)("secret-tool", ["lookup", "service", "probe"], { env });
      assertEquals(stdout, "a secret");
    } finally {
      await keyring.close();
    }
  });
});
