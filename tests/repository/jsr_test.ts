import { assert, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { listSources } from "../../scripts/list_sources.ts";
import { run } from "../../scripts/run.ts";
import { type JsrRegistry, readImportedPackages, serveJsrRegistry } from "./jsr_registry.ts";

describe("deno.json, with a JSR registry", () => {
  let registry: JsrRegistry;

  beforeAll(async () => {
    registry = serveJsrRegistry(await readImportedPackages(await lowestVersions()));
  });
  afterAll(() => registry.close());

  /** Starts a command through the launcher, which must find the registry by itself. */
  const deno = (...args: string[]): Promise<string> =>
    run(Deno.execPath(), ["run", "-A", "--no-lock", "scripts/deno.ts", ...args], {
      cwd: ROOT,
      env: { JSR_URL: registry.url, CLI_AUTH_REGISTRY: "", NO_COLOR: "1" },
    });

  it("type-checks every source", async () => {
    await deno("check", ...await listSources());
  });

  it("runs a test", async () => {
    assertStringIncludes(await deno("test", "-A", "tests/repository/import_rules_test.ts"), "0 failed");
  });

  it("publishes, its wrappers for the npm registry left at home", async () => {
    const config = await readDenoConfig();
    await deno("publish", "--dry-run", "--allow-dirty");
    assert(config.publish.include.every((file) => !file.includes("npm_std")));
  });
});

/** The version at the lower end of each range of deno.json: `1.0.0` of `jsr:@std/http@^1.0.0`. */
async function lowestVersions(): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const target of Object.values((await readDenoConfig()).imports)) {
    const [, name, version] = /^jsr:(@[^@]+)@\^(.*)$/.exec(target) ?? [];
    if (name !== undefined && version !== undefined) versions[name] = version;
  }
  return versions;
}
