import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { type Bench, createBench, TOKEN_VARIABLE } from "./support/bench.ts";

describe("token", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await createBench();
    await bench.run("login");
  });

  afterEach(() => bench.close());

  async function stored(): Promise<string> {
    return (await bench.auth().getTokenSet())?.accessToken ?? "";
  }

  it("writes the bare token to standard output, and nothing else", async () => {
    assertEquals(await bench.run("token"), { code: 0, out: `${await stored()}\n`, err: "" });
  });

  for (const flags of ["", " --json"]) {
    it(`refuses a terminal${flags && " with --json"}`, async () => {
      const { code, out, err } = await bench.run(`token${flags}`, { terminals: ["stdout", "stderr"] });
      assertEquals([code, out === "" ? undefined : JSON.parse(out).error.code], [
        1,
        flags ? "config" : undefined,
      ]);
      assertStringIncludes(err, "$(notes token)");
      assertEquals(err.includes(await stored()), false);
    });
  }

  it("writes to a terminal with --force", async () => {
    const { code, out } = await bench.run("token --force", { terminals: ["stdout"] });
    assertEquals([code, out], [0, `${await stored()}\n`]);
  });

  it("writes JSON", async () => {
    const { expiresAt = 0 } = await bench.auth().getTokenSet() ?? {};
    assertEquals(JSON.parse((await bench.run("token --json")).out), {
      token: await stored(),
      source: "oauth",
      expiresAt: new Date(expiresAt).toISOString(),
    });
  });

  it("refreshes an expired token", async () => {
    await bench.run("logout");
    bench.emulator.behavior.accessTokenLifetimeSeconds = 1;
    await bench.run("login");
    const before = await stored();
    const { out } = await bench.run("token");
    assertNotEquals(out.trim(), before);
    assertEquals(out.trim(), await stored());
  });

  it("writes the token in the environment if there is one", async () => {
    process.env[TOKEN_VARIABLE] = "ak_secret";
    assertEquals((await bench.run("token")).out, "ak_secret\n");
  });

  it("fails if nobody is signed in", async () => {
    await bench.run("logout");
    const { code, out } = await bench.run("token");
    assertEquals([code, out], [1, ""]);
  });
});
