import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { CONFIG_FILE, currentRegistry } from "../../scripts/registry.ts";
import { run } from "../../scripts/run.ts";
import { EXPORTS } from "./exports.ts";

describe("the entry points", () => {
  it("are those that are listed", async () => {
    assertEquals(Object.keys((await readDenoConfig()).exports), Object.keys(EXPORTS));
  });

  for (const [subpath, names] of Object.entries(EXPORTS)) {
    it(`export from '${subpath}' what is listed, values and types`, async () => {
      const file = (await readDenoConfig()).exports[subpath] ?? "";
      assertEquals(await exportedNames(file), [...names].sort());
    });
  }
});

/** Every name that a module exports. */
async function exportedNames(file: string): Promise<string[]> {
  const config = fileURLToPath(new URL(CONFIG_FILE[currentRegistry()], ROOT));
  const args = ["doc", "--json", "--import-map", config, fileURLToPath(new URL(file, ROOT))];
  const { nodes }: { nodes: Record<string, { symbols: { name: string }[] }> } = JSON.parse(
    await run(Deno.execPath(), args),
  );
  return Object.values(nodes).flatMap(({ symbols }) => symbols.map(({ name }) => name)).sort();
}
