import { fileURLToPath } from "node:url";
import { buildJsr } from "../scripts/build_jsr.ts";
import { buildNpm } from "../scripts/build_npm.ts";
import { compilePackage } from "../scripts/compile/compile_package.ts";
import { readDenoConfig, ROOT } from "../scripts/deno_config.ts";
import { emptyFolder, removeFolder, writeJson } from "../scripts/folders.ts";
import { installPackages } from "../scripts/install_packages.ts";
import { listSources } from "../scripts/list_sources.ts";
import { packPackage, unpackPackage } from "../scripts/npm/tarball.ts";
import { CONFIG_FILE, currentRegistry } from "../scripts/registry.ts";
import { run } from "../scripts/run.ts";
import { bundle } from "../scripts/test/bundle.ts";

export interface Workspace {
  folder: URL;
  /** Programs for Node and Bun, with every package installed next to them. */
  npm: URL;
  /** Node and Bun with the npm package, and Deno with what is published to JSR. */
  runtimes: readonly BenchRuntime[];
  /** Deno with the sources of this repository. */
  sources: BenchRuntime;
}

/** The package under test, as programs import it. */
export const OWN_NAME = "@clerk/cli-auth";

/** A package of one line, which does nothing. */
export const ONE_LINE = "one-line";

/** Packages that the programs import. */
export const PACKAGES: Readonly<Record<string, string>> = {
  "@azure/msal-node": "7.2.3",
  "@azure/msal-node-extensions": "5.6.1",
  "@clerk/backend": "3.25.0",
  "@hono/node-server": "2.1.9",
  "@napi-rs/keyring": "2.1.2",
  "autocannon": "9.0.0",
  "jose": "6.2.18",
  "oauth4webapi": "3.8.8",
  "openid-client": "6.9.0",
};

/** Also installed. */
const TOOLS = { bun: "1.4.5" };

/**
 * MSAL's extensions cannot even be imported without the binary of `keytar`, which its installation fetches from GitHub
 * or builds against libsecret. This is the same code, with its binaries included.
 */
const OVERRIDES = { keytar: "npm:@github/keytar@7.10.6" };

const FOLDER = new URL(".build/bench/", ROOT);
const PACKED = new URL("packed/", FOLDER);
const JSR_PACKAGE = new URL("jsr_package/", FOLDER);
const NPM = new URL("npm/", FOLDER);
const ONE_LINE_FOLDER = new URL(`node_modules/${ONE_LINE}/`, NPM);

/**
 * Builds and packs this package, bundles the programs, and installs what they import. Without `builds`, the last build
 * is measured.
 */
export async function prepareWorkspace({ builds }: { builds: boolean }): Promise<Workspace> {
  if (builds) await buildPackages();
  await bundlePrograms(NPM);
  await installPackages(NPM, { ...PACKAGES, ...TOOLS }, { overrides: OVERRIDES });
  await unpackPackage(await findTarball(), new URL(`node_modules/${OWN_NAME}/`, NPM));
  await writeOneLine();
  const bun = fileURLToPath(new URL("node_modules/bun/bin/bun.exe", NPM));
  return {
    folder: FOLDER,
    npm: NPM,
    runtimes: [
      { label: "Node", family: "node", folder: NPM, start: ["node"] },
      { label: "Bun", family: "bun", folder: NPM, start: [bun] },
      await denoRuntime("Deno", JSR_PACKAGE),
    ],
    sources: await denoRuntime("Deno, from the sources", ROOT),
  };
}

async function writeOneLine(): Promise<void> {
  await emptyFolder(ONE_LINE_FOLDER);
  const manifest = {
    name: ONE_LINE,
    version: "1.0.0",
    type: "module",
    exports: { ".": { import: "./mod.js" } },
  };
  await writeJson(new URL("package.json", ONE_LINE_FOLDER), manifest);
  await Deno.writeTextFile(new URL("mod.js", ONE_LINE_FOLDER), "export {};\n");
}

async function bundlePrograms(to: URL): Promise<void> {
  const { imports } = await readDenoConfig(CONFIG_FILE.npm);
  for (const folder of ["bench/", "chunks/"]) await removeFolder(new URL(folder, to));
  await bundle({ sources: await listSources(["bench/programs"]), to, imports });
}

async function buildPackages(): Promise<void> {
  const compiled = await compilePackage();
  await buildNpm(compiled);
  await emptyFolder(PACKED);
  await packPackage(new URL("npm/", ROOT), PACKED);
  await buildJsr(compiled);
  await copyJsrPackage();
}

async function findTarball(): Promise<URL> {
  for await (const { name } of Deno.readDir(PACKED)) return new URL(name, PACKED);
  throw new Error(`Cannot find what was packed in ${PACKED.pathname}`);
}

/** Other builds may empty `jsr/` while the bench runs. */
async function copyJsrPackage(): Promise<void> {
  await emptyFolder(JSR_PACKAGE);
  await copyModules(new URL("jsr/", ROOT), JSR_PACKAGE);
}

async function copyModules(from: URL, to: URL): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyModules(new URL(`${name}/`, from), new URL(`${name}/`, to));
    else if (name.endsWith(".js")) await Deno.copyFile(new URL(name, from), new URL(name, to));
  }
}

/** Makes a directory with the same programs, where this package's name resolves to other modules. */
async function denoRuntime(label: string, modules: URL): Promise<BenchRuntime> {
  const folder = new URL(modules === ROOT ? "deno_sources/" : "deno/", FOLDER);
  await bundlePrograms(folder);
  const imports = {
    ...await sharedImports(),
    ...ownImports(await readDenoConfig(), modules),
    [ONE_LINE]: new URL("mod.js", ONE_LINE_FOLDER).href,
  };
  const map = new URL("imports.json", folder);
  await writeJson(map, { imports });
  // A configuration next to the programs would not apply to the sources: Deno gives them that of the root directory.
  const options = ["--quiet", "--no-config", "--no-lock", "--import-map", fileURLToPath(map)];
  // Deno downloads what is missing when a program starts. That must not happen while one is timed.
  const cached = Object.entries(PACKAGES).filter(([name]) => name !== "@azure/msal-node-extensions");
  await run(Deno.execPath(), ["cache", ...options, ...cached.map(specifierOf)]);
  const start = (nodeModules: string): BenchRuntime["start"] => {
    return [Deno.execPath(), "run", "-A", "--no-check", `--node-modules-dir=${nodeModules}`, ...options];
  };
  const runtime: BenchRuntime = { label, family: "deno", folder, start: start("none") };
  return { ...runtime, installed: { ...runtime, folder: NPM, start: start("manual") } };
}

function specifierOf([name, version]: [string, string]): string {
  return `npm:${name}@${version}`;
}

async function sharedImports(): Promise<Record<string, string>> {
  const { imports } = await readDenoConfig(CONFIG_FILE[currentRegistry()]);
  const standard = Object.entries(imports)
    .filter(([name]) => name.startsWith("@std/"))
    .map(([name, target]) => [name, target.startsWith(".") ? new URL(target, ROOT).href : target]);
  const packages = Object.entries(PACKAGES).map((item) => [item[0], specifierOf(item)]);
  return Object.fromEntries([...standard, ...packages]);
}

function ownImports({ exports }: { exports: Record<string, string> }, modules: URL): Record<string, string> {
  const extension = modules === ROOT ? ".ts" : ".js";
  return Object.fromEntries(
    Object.entries(exports).map(([subpath, file]) => [
      OWN_NAME + subpath.slice(1),
      new URL(file.replace(/\.ts$/, extension), modules).href,
    ]),
  );
}

/** A runtime with a build of this package. */
export interface BenchRuntime {
  label: string;
  family: "node" | "bun" | "deno";
  /** The directory of the programs. */
  folder: URL;
  /** What precedes the file of a program. */
  start: readonly [string, ...string[]];
  /** The same, with packages as npm installs them, if that differs: Deno runs no install scripts for its own cache. */
  installed?: BenchRuntime;
}
