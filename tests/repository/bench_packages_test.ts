import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { PACKAGES } from "../../bench/workspace.ts";
import { ROOT } from "../../scripts/deno_config.ts";
import { listSources } from "../../scripts/list_sources.ts";
import { splitNpmSpecifier } from "../../scripts/npm_specifier.ts";

/** What the bench's programs import: Node and Bun use the installed version, whatever version is requested. */
async function importedByPrograms(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of await listSources(["bench/programs"])) {
    const source = await Deno.readTextFile(new URL(file, ROOT));
    for (const [, specifier = ""] of source.matchAll(/"(npm:[^"]+)"/g)) {
      const { name, range } = splitNpmSpecifier(specifier);
      found[name] = range;
    }
  }
  return found;
}

describe("the packages for the bench", () => {
  it("are installed in the versions that its programs import", async () => {
    const imported = await importedByPrograms();
    assert("oauth4webapi" in imported && "autocannon" in imported);
    const installed = Object.fromEntries(
      Object.entries(imported).map(([name, range]) => {
        const version = PACKAGES[name];
        return [name, range.startsWith("^") && version !== undefined ? `^${version}` : version];
      }),
    );
    assertEquals(installed, imported);
  });
});
