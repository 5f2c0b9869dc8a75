import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { listSources } from "../../scripts/list_sources.ts";
import { splitNpmSpecifier } from "../../scripts/npm_specifier.ts";
import { run } from "../../scripts/run.ts";
import { JSR_PACKAGE } from "../../scripts/test/environment.ts";
import { canRunOn } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";
import {
  type JsrRegistry,
  readBuiltPackage,
  readImportedPackages,
  serveJsrRegistry,
} from "./jsr_registry.ts";

/** The builds for the tests serve all runtimes. */
const NEEDED = canRunOn("node");

describe("deno.json, with a JSR registry", () => {
  let registry: JsrRegistry;

  beforeAll(async () => {
    registry = serveJsrRegistry(await readImportedPackages(await lowestVersions()));
  });
  afterAll(() => registry.close());

  /** Runs a command through the launcher, which must find the registry itself; returns all its output. */
  async function deno(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", "scripts/deno.ts", ...args],
      cwd: ROOT,
      env: { JSR_URL: registry.url, CLI_AUTH_REGISTRY: "", NO_COLOR: "1" },
    }).output();
    const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    assert(success, output);
    return output;
  }

  it("type-checks every source", async () => {
    await deno("check", ...await listSources());
  });

  it("runs a test", async () => {
    assertStringIncludes(await deno("test", "-A", "tests/repository/import_rules_test.ts"), "0 failed");
  });

  it("publishes without its wrappers for the npm registry", async () => {
    const config = await readDenoConfig();
    await deno("publish", "--dry-run", "--allow-dirty");
    assert(config.publish.include.every((file) => !file.includes("npm_std")));
  });

  itWith(NEEDED, "gives the package to a program that type-checks", async () => {
    const { name } = await readDenoConfig();
    const published = serveJsrRegistry(new Map([[name, await readBuiltPackage(JSR_PACKAGE)]]));
    const folder = await makeTemporaryFolder();
    try {
      const config = `${folder.path}/deno.json`;
      const imports = { [name]: `jsr:${name}@^0.1.0`, [`${name}/`]: `jsr:/${name}@^0.1.0/` };
      await Deno.writeTextFile(config, JSON.stringify({ imports, lock: false }));
      const demo = fileURLToPath(new URL("examples/demo.ts", ROOT));
      await run(Deno.execPath(), ["check", "-c", config, demo], { env: { JSR_URL: published.url } });
    } finally {
      await Promise.all([published.close(), folder.remove()]);
    }
  });

  it("documents every entry point without a warning", async () => {
    const entries = Object.values((await readDenoConfig()).exports);
    assertEquals((await deno("doc", "--lint", ...entries)).includes("Warning"), false);
  });

  it("also builds the npm package from a mirror, which dnt does not support", async () => {
    await deno("run", "-A", "scripts/build_npm.ts");
  });
});

/** The lowest version of each package that deno.json allows: `1.0.0` for `jsr:@std/http@^1.0.0/status`. */
async function lowestVersions(): Promise<Record<string, string>> {
  const targets = Object.values((await readDenoConfig()).imports).filter((target) =>
    target.startsWith("jsr:")
  );
  return Object.fromEntries(targets.map((target) => {
    const { name, range } = splitNpmSpecifier(target.replace("jsr:", "npm:"));
    return [name, range.replace("^", "")];
  }));
}
