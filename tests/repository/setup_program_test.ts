import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../scripts/deno_config.ts";
import { CONFIG_FILE, currentRegistry } from "../../scripts/registry.ts";

describe("setup.ts", () => {
  it("runs as a program in Deno, with its arguments and its exit code", async () => {
    const config = fileURLToPath(new URL(CONFIG_FILE[currentRegistry()], ROOT));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "-c", config, fileURLToPath(new URL("setup.ts", ROOT)), "--name"],
    }).output();
    const text = new TextDecoder();
    assertEquals([code, text.decode(stdout)], [2, ""]);
    assertEquals(text.decode(stderr).split("\n")[0], '✗ "--name" needs a value.');
  });
});
