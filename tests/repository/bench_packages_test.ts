import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { PEER_PACKAGES, TOOLS } from "../../bench/measure/packages.ts";
import { ROOT } from "../../scripts/deno_config.ts";
import { listSources } from "../../scripts/list_sources.ts";
import { splitNpmSpecifier } from "../../scripts/npm_specifier.ts";

const INSTALLED = { ...PEER_PACKAGES, ...TOOLS };

/** What the programs of the bench import: Node and Bun take it from what is installed, whatever version they ask for. */
async function importedByPrograms(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of await listSources(["bench/subjects"])) {
    const source = await Deno.readTextFile(new URL(file, ROOT));
    for (const [, specifier = ""] of source.matchAll(/"(npm:[^"]+)"/g)) {
      const { name, range } = splitNpmSpecifier(specifier);
      found[name] = range;
    }
  }
  return found;
}

describe("the packages of the bench", () => {
  it("are installed in the versions that its programs import", async () => {
    const imported = await importedByPrograms();
    assert("oauth4webapi" in imported && "proper-lockfile" in imported);
    const installed = Object.fromEntries(
      Object.entries(imported).map(([name, range]) => {
        const version = INSTALLED[name];
        return [name, range.startsWith("^") && version !== undefined ? `^${version}` : version];
      }),
    );
    assertEquals(installed, imported);
  });
});
