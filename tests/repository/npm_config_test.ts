import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { listSources } from "../../scripts/list_sources.ts";
import { npmConfig } from "../../scripts/npm_config.ts";
import { rewriteSpecifiers } from "../../scripts/compile/rewrite_specifiers.ts";
import { splitNpmSpecifier } from "../../scripts/npm_specifier.ts";
import { CONFIG_FILE } from "../../scripts/registry.ts";

const jsr = await readDenoConfig(CONFIG_FILE.jsr);
const npm = await readDenoConfig(CONFIG_FILE.npm);

describe("deno.npm.json", () => {
  it("is what scripts/npm_config.ts generates from deno.json", () => {
    assertEquals(npm, npmConfig(jsr));
  });

  it("differs from deno.json only in its imports and the published wrappers", () => {
    const rest = ({ imports: _imports, publish: _publish, ...fields }: typeof jsr) => fields;
    assertEquals(rest(npm), rest(jsr));
    assertEquals(npm.publish.include.slice(0, jsr.publish.include.length), jsr.publish.include);
  });

  it("uses nothing from JSR", () => {
    assertEquals(
      Object.values(npm.imports).filter((target) => !/^(npm:|\.\/scripts\/npm_std\/)/.test(target)),
      [],
    );
  });

  it("maps exactly the modules that the sources import", async () => {
    const used = await mappedSpecifiers(await listSources());
    assertEquals(Object.keys(npm.imports).sort(), used);
  });

  it("requests the same npm versions as deno.json", () => {
    for (const [specifier, target] of Object.entries(jsr.imports)) {
      if (target.startsWith("npm:")) assertEquals(npm.imports[specifier], target);
    }
  });
});

describe("deno.json", () => {
  // `deno doc` takes it for a plain import map, in which the name of a package does not cover its subpaths.
  it("lists each JSR module separately", () => {
    for (const [specifier, target] of Object.entries(jsr.imports)) {
      if (!target.startsWith("jsr:")) continue;
      const { name, subpath } = splitNpmSpecifier(target.replace("jsr:", "npm:"));
      assertEquals(specifier, name + subpath);
    }
  });

  it("uses one version of deno-std in all wrappers", async () => {
    const versions = new Set<string>();
    for (const file of await listSources(["scripts/npm_std"])) {
      rewriteSpecifiers(await Deno.readTextFile(new URL(file, ROOT)), (specifier) => {
        if (specifier.startsWith("npm:")) versions.add(splitNpmSpecifier(specifier).range);
        return specifier;
      });
    }
    assertEquals(versions.size, 1);
  });
});

/** The specifiers in some sources that an import map must resolve, sorted. */
async function mappedSpecifiers(files: string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const file of files) {
    rewriteSpecifiers(await Deno.readTextFile(new URL(file, ROOT)), (specifier) => {
      if (specifier in jsr.imports) found.add(specifier);
      return specifier;
    });
  }
  return [...found].sort();
}
