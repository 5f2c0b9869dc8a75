import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ClerkCliAuthError, EXIT_CODE } from "@clerk/cli-auth";
import { reportAuthError } from "@clerk/cli-auth/commands";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type Bench, createBench, TOKEN_VARIABLE } from "./support/bench.ts";

describe("reportAuthError()", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await createBench();
  });
  afterEach(() => bench.close());

  async function report(error: unknown) {
    let [out, err] = ["", ""];
    const code = await reportAuthError(bench.auth(), error, {
      name: "notes",
      stdout: { write: (text) => void (out += text) },
      stderr: { write: (text) => void (err += text) },
    });
    return { code, out, err };
  }

  it("says on standard error what is wrong and what to do, and returns the exit code", async () => {
    const error = new ClerkCliAuthError("userinfo", "Nobody answered", { action: "Try again" });
    assertEquals(await report(error), {
      code: EXIT_CODE.GENERAL,
      out: "",
      err: "✗ Nobody answered.\nTry again.\n",
    });
  });

  it("says which command signs in, and why nobody is signed in any more", async () => {
    const error = new ClerkCliAuthError("not_authenticated", "no credential");
    assertEquals(
      (await report(error)).err,
      `✗ You are not signed in.\nRun \`notes login\`, or set ${TOKEN_VARIABLE}.\n`,
    );
    await bench.run("login");
    bench.emulator.revokeGrants();
    await bench.run("whoami");
    const { code, err } = await report(error);
    assertEquals(code, EXIT_CODE.GENERAL);
    assertStringIncludes(err, "The session has ended");
  });

  it("rethrows any other error", async () => {
    const error = new RangeError("a mistake");
    assertEquals(await assertRejects(() => report(error)), error);
  });
});
