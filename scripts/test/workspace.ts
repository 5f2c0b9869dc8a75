import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { buildNpm } from "../build_npm.ts";
import type { TestSetup } from "../../tests/harness/setup.ts";
import { readDenoConfig, ROOT } from "../deno_config.ts";
import { installPackages } from "../install_packages.ts";
import { npmManifest } from "../npm/manifest.ts";
import { CONFIG_FILE, currentRegistry } from "../registry.ts";
import { run } from "../run.ts";
import { bundle } from "./bundle.ts";
import type { TestFiles } from "./find_tests.ts";

/** The folder of everything that a test run makes. */
export const WORKSPACE: URL = new URL(".build/test/", ROOT);

/** The folders of the bundles. */
export const BUNDLES: Readonly<Record<"node" | "bun" | "programs", URL>> = {
  node: new URL("node/", WORKSPACE),
  bun: new URL("bun/", WORKSPACE),
  programs: new URL("programs/", WORKSPACE),
};

/** The Bun that runs the tests. */
const BUN_VERSION = "1.4.5";

/** What stands in for `@std/testing/bdd` in Bun. */
export const BUN_BDD: string = `
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "bun:test";
describe.ignore = describe.skip;
it.ignore = it.skip;
export { afterAll, afterEach, beforeAll, beforeEach, describe, it };
`;

/**
 * Builds and packs the npm package, bundles the tests and their programs for Node and Bun, and installs what they
 * import, the package itself from its tarball.
 *
 * @param files The tests and the programs.
 * @returns Where the tests find it all.
 */
export async function prepareWorkspace({ everywhere, programs }: TestFiles): Promise<TestSetup> {
  await buildNpm();
  const tarball = await pack();
  const { imports } = await readDenoConfig(CONFIG_FILE.npm);
  await Promise.all(Object.values(BUNDLES).map(empty));
  const packages = await Promise.all([
    bundle({ sources: everywhere, to: BUNDLES.node, imports }),
    bundle({ sources: everywhere, to: BUNDLES.bun, imports, bdd: BUN_BDD }),
    bundle({ sources: programs, to: BUNDLES.programs, imports }),
  ]);
  const { name, peerDependencies, optionalDependencies } = npmManifest(await readDenoConfig());
  await installPackages(WORKSPACE, {
    ...Object.assign({}, ...packages),
    ...peerDependencies,
    ...optionalDependencies,
    bun: BUN_VERSION,
    [name]: `file:${tarball}`,
  });
  return {
    deno: Deno.execPath(),
    node: "node",
    // The package calls it so on every system; what stands in `.bin` is a script on Windows.
    bun: fileURLToPath(new URL("node_modules/bun/bin/bun.exe", WORKSPACE)),
    denoConfig: fileURLToPath(new URL(CONFIG_FILE[currentRegistry()], ROOT)),
    tarball,
    programs: fileURLToPath(new URL("tests/programs/", BUNDLES.programs)),
  };
}

/** Packs the package under a name that says what is in it, so that only a changed package is installed anew. */
async function pack(): Promise<string> {
  await Deno.mkdir(WORKSPACE, { recursive: true });
  await removeTarballs();
  const args = ["pack", "--silent", "--pack-destination", fileURLToPath(WORKSPACE)];
  const name = (await run("npm", args, { cwd: new URL("npm/", ROOT) })).trim();
  const packed = new URL(name, WORKSPACE);
  const hash = createHash("sha256").update(await Deno.readFile(packed)).digest("hex").slice(0, 16);
  const named = new URL(name.replace(/\.tgz$/, `-${hash}.tgz`), WORKSPACE);
  await Deno.rename(packed, named);
  return fileURLToPath(named);
}

/** Removes those of earlier runs. */
async function removeTarballs(): Promise<void> {
  for await (const { name } of Deno.readDir(WORKSPACE)) {
    if (name.endsWith(".tgz")) await Deno.remove(new URL(name, WORKSPACE));
  }
}

async function empty(folder: URL): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.remove(folder, { recursive: true });
}
