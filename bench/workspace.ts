import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { buildJsr } from "../../scripts/build_jsr.ts";
import { buildNpm } from "../../scripts/build_npm.ts";
import { compilePackage } from "../../scripts/compile/compile_package.ts";
import { readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { emptyFolder, removeFolder, writeJson } from "../../scripts/folders.ts";
import { installPackages } from "../../scripts/install_packages.ts";
import { listSources } from "../../scripts/list_sources.ts";
import { CONFIG_FILE, currentRegistry } from "../../scripts/registry.ts";
import { run } from "../../scripts/run.ts";
import { bundle } from "../../scripts/test/bundle.ts";
import { ONE_LINE, OVERRIDES, OWN_NAME, PEER_PACKAGES, PEERS, TOOLS } from "./packages.ts";
import type { BenchRuntime } from "./runtimes.ts";

/** Where the bench finds what it runs. */
export interface Workspace {
  folder: URL;
  /** Programs for Node and Bun, with every package installed beside them. */
  npm: URL;
  /** The packed package. */
  tarball: string;
  runtimes: BenchRuntime[];
}

const FOLDER = new URL(".build/bench/", ROOT);
const PACKAGES = { ...PEER_PACKAGES, ...TOOLS };
/** What programs take from Deno's own cache of packages. */
const CACHED = [...PEERS.filter(({ needsScripts }) => !needsScripts), { packages: TOOLS }]
  .flatMap(({ packages }) => Object.entries(packages));
const PACKED = new URL("packed/", FOLDER);
const JSR_PACKAGE = new URL("jsr_package/", FOLDER);
const NPM = new URL("npm/", FOLDER);
const ONE_LINE_FOLDER = new URL(`node_modules/${ONE_LINE}/`, NPM);

/** How {@linkcode prepareWorkspace} works. */
export interface WorkspaceOptions {
  /** Whether the package is built anew; what was built last is measured otherwise. */
  build: boolean;
}

/** Builds and packs this package, bundles the programs to measure, and installs what they import. */
export async function prepareWorkspace({ build }: WorkspaceOptions): Promise<Workspace> {
  if (build) await buildPackages();
  const tarball = await findTarball();
  await bundleSubjects(NPM);
  await installPackages(NPM, { ...PACKAGES, [OWN_NAME]: `file:${tarball}` }, { overrides: OVERRIDES });
  await writeOneLine();
  const bun = fileURLToPath(new URL("node_modules/bun/bin/bun.exe", NPM));
  return {
    folder: FOLDER,
    npm: NPM,
    tarball,
    runtimes: [
      { label: "Node", family: "node", build: "published", folder: NPM, start: ["node"] },
      { label: "Bun", family: "bun", build: "published", folder: NPM, start: [bun] },
      await denoRuntime("Deno", "published", JSR_PACKAGE),
      await denoRuntime("Deno, from the sources", "sources", ROOT),
    ],
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

async function bundleSubjects(to: URL): Promise<void> {
  const { imports } = await readDenoConfig(CONFIG_FILE.npm);
  for (const folder of ["bench/", "chunks/"]) await removeFolder(new URL(folder, to));
  await bundle({ sources: await listSources(["bench/subjects"]), to, imports });
}

async function buildPackages(): Promise<void> {
  const compiled = await compilePackage();
  await buildNpm(compiled);
  await pack();
  await buildJsr(compiled);
  await copyJsrPackage();
}

/** Packs under a name of its content, so that only a changed package is installed anew. */
async function pack(): Promise<void> {
  await emptyFolder(PACKED);
  const args = ["pack", "--silent", "--pack-destination", fileURLToPath(PACKED)];
  const packed = new URL((await run("npm", args, { cwd: new URL("npm/", ROOT) })).trim(), PACKED);
  const digest = createHash("sha256").update(await Deno.readFile(packed)).digest("hex");
  await Deno.rename(packed, new URL(`cli-auth-${digest.slice(0, 16)}.tgz`, PACKED));
}

async function findTarball(): Promise<string> {
  for await (const { name } of Deno.readDir(PACKED)) return fileURLToPath(new URL(name, PACKED));
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

/** A folder with the same programs, where this package's name means what stands in another folder. */
async function denoRuntime(
  label: string,
  build: BenchRuntime["build"],
  modules: URL,
): Promise<BenchRuntime> {
  const folder = new URL(`deno_${build}/`, FOLDER);
  await bundleSubjects(folder);
  const imports = {
    ...await sharedImports(),
    ...ownImports(await readDenoConfig(), modules),
    [ONE_LINE]: new URL("mod.js", ONE_LINE_FOLDER).href,
  };
  const map = new URL("imports.json", folder);
  await writeJson(map, { imports });
  // A configuration beside the programs would not hold for the sources: Deno gives them that of the root folder.
  const options = ["--quiet", "--no-config", "--no-lock", "--import-map", fileURLToPath(map)];
  // Deno downloads what it lacks when a program starts: not while one is timed.
  await run(Deno.execPath(), ["cache", ...options, ...CACHED.map(specifierOf)]);
  const start = (modulesFolder: string): BenchRuntime["start"] => {
    return [Deno.execPath(), "run", "-A", "--no-check", `--node-modules-dir=${modulesFolder}`, ...options];
  };
  const runtime: BenchRuntime = { label, family: "deno", build, folder, start: start("none") };
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
  const extension = modules.href === ROOT.href ? ".ts" : ".js";
  return Object.fromEntries(
    Object.entries(exports).map(([subpath, file]) => [
      OWN_NAME + subpath.slice(1),
      new URL(file.replace(/\.ts$/, extension), modules).href,
    ]),
  );
}
