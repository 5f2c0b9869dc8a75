import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { TestSetup } from "../../tests/harness/setup.ts";
import { DOCUMENTS, readDenoConfig, ROOT } from "../deno_config.ts";
import { emptyFolder } from "../folders.ts";
import { installPackages } from "../install_packages.ts";
import { listSources } from "../list_sources.ts";
import { npmManifest } from "../npm/manifest.ts";
import { packPackage, unpackPackage } from "../npm/tarball.ts";
import { CONFIG_FILE, currentRegistry } from "../registry.ts";
import { run } from "../run.ts";
import { BUNDLES, COLLECTOR, NPM_PACKAGE, WORKSPACE } from "./environment.ts";
import { findTests } from "./find_tests.ts";
import { placesOf, RUNTIMES } from "./places.ts";
import { scanImports } from "./scan_imports.ts";

/** The Bun that runs the tests. */
const BUN_VERSION = "1.4.5";

/** Other packages that the tests' projects need. */
const PROJECT_PACKAGES: Readonly<Record<string, string>> = {
  "@hono/node-server": "2.1.9",
  express: "5.3.0",
  hono: "4.13.19",
  ink: "8.0.0",
  ky: "2.1.0",
  "openapi-fetch": "0.17.0",
  react: "19.3.1",
  typescript: "5.9.3",
};

const CONFIGS = Object.values(CONFIG_FILE);

/**
 * Builds the npm and JSR packages, packs the former, bundles the tests and their programs for Node and Bun, and
 * installs what they import. Skips what has not changed since the last time.
 */
export async function prepareWorkspace(): Promise<TestSetup> {
  const sources = await listSources();
  const bundled = await bundledSources();
  const [tarball] = await Promise.all([
    buildPackages(sources),
    install(bundled),
    bundleTests(sources, bundled),
  ]);
  await unpack(tarball);
  return {
    deno: Deno.execPath(),
    node: "node",
    // The package has this name on every system. On Windows, `.bin` holds a script.
    bun: fileURLToPath(new URL("node_modules/bun/bin/bun.exe", WORKSPACE)),
    denoConfig: fileURLToPath(new URL(CONFIG_FILE[currentRegistry()], ROOT)),
    tarball: fileURLToPath(new URL(tarball, WORKSPACE)),
    modules: fileURLToPath(new URL("node_modules/", WORKSPACE)),
    programs: fileURLToPath(new URL("tests/programs/", BUNDLES)),
  };
}

/** Lists the tests that run on Node and Bun, the programs that they start, and what runs them. */
async function bundledSources(): Promise<string[]> {
  const everywhere = { runtimes: RUNTIMES, all: true };
  const tests = (await findTests()).filter((file) => placesOf(file, everywhere).includes("node"));
  return [...tests, ...await listSources(["tests/programs"]), "scripts/test/run_files.ts"];
}

/** Builds in a separate process, as the compiler blocks its own, and packs what npm gets. */
async function buildPackages(sources: string[]): Promise<string> {
  const inputs = sources.filter((file) => !/^(?:bench|examples|tests)\//.test(file));
  const stamp = new URL("built.json", WORKSPACE);
  return await unlessDone(stamp, [...inputs, ...CONFIGS, ...DOCUMENTS], async () => {
    const config = CONFIG_FILE[currentRegistry()];
    const script = "scripts/test/build_packages.ts";
    await run(Deno.execPath(), ["run", "-A", "--no-lock", "-c", config, script], { cwd: ROOT });
    return await packPackage(NPM_PACKAGE, WORKSPACE);
  });
}

/** Installs what any test imports, so that the choice of tests changes nothing. */
async function install(files: string[]): Promise<void> {
  const { imports } = await readDenoConfig(CONFIG_FILE.npm);
  const { packages } = await scanImports(files, imports);
  const { peerDependencies, optionalDependencies } = npmManifest(await readDenoConfig());
  await installPackages(WORKSPACE, {
    ...packages,
    ...peerDependencies,
    ...optionalDependencies,
    ...PROJECT_PACKAGES,
    bun: BUN_VERSION,
  });
}

async function bundleTests(sources: string[], bundled: string[]): Promise<void> {
  await unlessDone(new URL("bundled.json", WORKSPACE), [...sources, ...CONFIGS], async () => {
    await emptyFolder(BUNDLES);
    const { imports } = await readDenoConfig(CONFIG_FILE.npm);
    const { bundle } = await import("./bundle.ts");
    await bundle({ sources: bundled, to: BUNDLES, imports: { ...imports, "@std/testing/bdd": COLLECTOR } });
  });
}

/** Puts the packed package next to the installed ones. */
async function unpack(tarball: string): Promise<void> {
  const modules = new URL("node_modules/", WORKSPACE);
  const stamp = new URL(".unpacked", modules);
  if (await Deno.readTextFile(stamp).catch(() => "") === tarball) return;
  const { name } = await readDenoConfig();
  await unpackPackage(new URL(tarball, WORKSPACE), new URL(`${name}/`, modules));
  await Deno.writeTextFile(stamp, tarball);
}

/** Runs a task that depends only on files, unless it already ran for the same files. */
async function unlessDone<T>(stamp: URL, files: string[], task: () => Promise<T>): Promise<T> {
  const hash = createHash("sha256").update(currentRegistry());
  for (const file of files) hash.update(file).update(await Deno.readFile(new URL(file, ROOT)));
  const inputs = hash.digest("hex");
  const last = await Deno.readTextFile(stamp).then(JSON.parse).catch(() => undefined);
  if (last?.inputs === inputs) return last.outcome;
  const outcome = await task();
  await Deno.writeTextFile(stamp, JSON.stringify({ inputs, outcome }));
  return outcome;
}
