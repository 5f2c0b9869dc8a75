import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readDenoConfig } from "../../scripts/deno_config.ts";
import { readDenoDoc } from "./deno_doc.ts";
import { EXPORTS } from "./exports.ts";

describe("the entry points", () => {
  it("are the listed ones", async () => {
    assertEquals(Object.keys((await readDenoConfig()).exports), Object.keys(EXPORTS));
  });

  for (const [subpath, names] of Object.entries(EXPORTS)) {
    it(`export exactly the listed values and types from '${subpath}'`, async () => {
      const file = (await readDenoConfig()).exports[subpath] ?? "";
      assertEquals(await exportedNames(file), [...names].sort());
    });
  }
});

/** Lists every name that a module exports. */
async function exportedNames(file: string): Promise<string[]> {
  return (await readDenoDoc(file)).symbols.map(({ name }) => name).sort();
}
