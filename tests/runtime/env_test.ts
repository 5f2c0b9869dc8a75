import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { loadRuntime } from "../doors/runtime.ts";
import { OWN_RUNTIME, type ProgramOptions, runProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { PSEUDO_TERMINAL, startInTerminal } from "./pseudo_terminal.ts";

async function readEnv(args: string[], options: ProgramOptions = {}): Promise<unknown[]> {
  const { stdout, stderr } = await runProgram("runtime/read_env", { args, ...options });
  assertEquals(stderr, "");
  return JSON.parse(stdout);
}

describe("env()", () => {
  let folder: TemporaryFolder;

  beforeAll(async () => {
    folder = await makeTemporaryFolder();
    await writeFile(join(folder.path, ".env"), "export PLANTED = 'x'\nBROWSER=evil\n");
    await writeFile(join(folder.path, ".env.local"), "ALSO_PLANTED: y\nHOME=/evil\n");
    await mkdir(join(folder.path, ".env.test"));
  });

  afterAll(() => folder.remove());

  it("returns a variable, or undefined if it is unset or empty", async () => {
    const env = { SET: "a value", EMPTY: "", UNSET: undefined };

    assertEquals((await readEnv(["SET", "EMPTY", "UNSET"], { env })).slice(0, 3), ["a value", null, null]);
  });

  it("ignores the dotenv files of the working directory", async () => {
    const env = { PLANTED: undefined, ALSO_PLANTED: undefined, BROWSER: undefined, UNPLANTED: "true" };
    const names = ["PLANTED", "ALSO_PLANTED", "BROWSER", "UNPLANTED"];

    assertEquals((await readEnv(names, { env, cwd: folder.path })).slice(0, 4), [null, null, null, "true"]);
  });

  if (OWN_RUNTIME === "deno") {
    itWith(
      PSEUDO_TERMINAL,
      "returns undefined, without a prompt, if a variable may not be read",
      async () => {
        const options = { args: ["TERM", "BROWSER"], permissions: ["--allow-env=BROWSER"] };

        assertStringIncludes(await startInTerminal("runtime/read_env", options).ended, "[null,null,null]");
      },
    );
  }
});

describe("homeDirectory()", () => {
  it("returns the user's home directory", async () => {
    assertEquals((await loadRuntime()).homeDirectory(), homedir());
  });

  it("follows the environment, but no dotenv file", async () => {
    const folder = await makeTemporaryFolder();
    await writeFile(join(folder.path, ".env"), "HOME=/evil\nUSERPROFILE=/evil\n");

    assertEquals(await readEnv([], { env: { HOME: "/true", USERPROFILE: "/true" }, cwd: folder.path }), [
      "/true",
    ]);
    await folder.remove();
  });
});
