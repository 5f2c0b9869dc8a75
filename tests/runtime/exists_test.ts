import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime } from "../doors/runtime.ts";
import { OWN_RUNTIME, runProgram } from "../harness/program.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";

describe("exists()", () => {
  it("tells whether anything is at a path", async () => {
    const folder = await makeTemporaryFolder();
    const at = (name: string) => join(folder.path, name);
    await writeFile(at("empty"), "");
    await symlink(at("empty"), at("link"));
    const { exists } = await loadRuntime();
    assertEquals(["empty", "link", "none", "empty/none"].map((name) => exists(at(name))), [
      true,
      true,
      false,
      false,
    ]);
    assertEquals(exists(folder.path), true);
    await folder.remove();
  });

  if (OWN_RUNTIME === "deno") {
    it("returns false, without a prompt, if the path may not be read", async () => {
      // A program given no permission at all would get them all from Deno's `node:child_process`.
      const program = await runProgram("runtime/exists", { args: ["/"], permissions: ["--allow-env=HOME"] });
      assertEquals([program.stdout, program.stderr], ["false\n", ""]);
    });
  }
});
