import { dirname, relative } from "node:path/posix";
import { rewriteSpecifiers } from "../../scripts/compile/rewrite_specifiers.ts";
import { emptyFolder, writeJson } from "../../scripts/folders.ts";
import { splitNpmSpecifier } from "../../scripts/npm_specifier.ts";
import { run } from "../../scripts/run.ts";
import { listFiles } from "./npm_package/package_files.ts";

/** The output of `deno info` for a module: the same graph that JSR makes. */
interface Module {
  specifier: string;
  mediaType?: string;
  dependencies?: { specifier: string; code?: { specifier: string }; type?: { specifier: string } }[];
  typesDependency?: { dependency: { specifier: string } };
}

/** The `package.json` that JSR generates. */
export interface MappedManifest {
  name: string;
  version: string;
  type: "module";
  dependencies: Record<string, string>;
  exports: Record<string, { types?: string; default: string }>;
}

/**
 * Converts a JSR package to what JSR's npm registry serves: specifiers lose `npm:`, declarations refer to modules, and
 * `package.json` says where both are. Rejects TypeScript modules, which JSR compiles.
 *
 * @param from The folder of the package, with its `deno.json`.
 * @param to The folder of the npm package.
 * @returns What its `package.json` says.
 * @see https://jsr.io/docs/npm-compatibility
 * @see https://github.com/jsr-io/jsr/blob/main/api/src/npm/tarball.rs
 */
export async function mapToNpm(from: URL, to: URL): Promise<MappedManifest> {
  const config: { name: string; version: string; exports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", from)),
  );
  const modules = await readGraph(Object.values(config.exports), from);
  await emptyFolder(to);
  for (const path of await listFiles(from, /(?:)/)) {
    const target = new URL(path, to);
    await Deno.mkdir(new URL(".", target), { recursive: true });
    const module = modules.get(new URL(path, from).href);
    if (module === undefined) await Deno.copyFile(new URL(path, from), target);
    else await Deno.writeTextFile(target, await mapModule(module));
  }
  const manifest: MappedManifest = {
    name: `@jsr/${config.name.slice(1).replace("/", "__")}`,
    version: config.version,
    type: "module",
    dependencies: Object.fromEntries([...modules.values()].flatMap(packagesOf)),
    exports: Object.fromEntries(
      Object.entries(config.exports).map(([subpath, file]) => {
        const types = modules.get(new URL(file, from).href)?.typesDependency?.dependency.specifier;
        return [subpath, { ...(types && { types: `./${types.slice(from.href.length)}` }), default: file }];
      }),
    ),
  };
  await writeJson(new URL("package.json", to), manifest);
  return manifest;
}

async function readGraph(entries: string[], folder: URL): Promise<Map<string, Module>> {
  const graphs = entries.map(async (entry): Promise<Module[]> =>
    JSON.parse(await run(Deno.execPath(), ["info", "--json", entry], { cwd: folder })).modules
  );
  const modules = (await Promise.all(graphs)).flat();
  return new Map(modules.map((module) => [module.specifier, module]));
}

async function mapModule({ specifier: url, mediaType, dependencies = [] }: Module): Promise<string> {
  if (mediaType !== "JavaScript" && mediaType !== "Dts") throw new Error(`Cannot map ${mediaType} in ${url}`);
  const mapped = new Map(dependencies.map(({ specifier, code, type }) => {
    const target = (mediaType === "Dts" ? type ?? code : code)?.specifier ?? specifier;
    if (!target.startsWith("file:")) return [specifier, packageSpecifier(target)];
    const path = relative(dirname(new URL(url).pathname), new URL(target).pathname).replace(
      /\.d\.ts$/,
      ".js",
    );
    return [specifier, path.startsWith(".") ? path : `./${path}`];
  }));
  return rewriteSpecifiers(
    await Deno.readTextFile(new URL(url)),
    (specifier) => mapped.get(specifier) ?? specifier,
  );
}

function packageSpecifier(specifier: string): string {
  if (!specifier.startsWith("npm:")) return specifier;
  const { name, subpath } = splitNpmSpecifier(specifier);
  return name + subpath;
}

function packagesOf({ dependencies = [] }: Module): [name: string, range: string][] {
  const specifiers = dependencies.map(({ specifier }) => specifier).filter((text) => text.startsWith("npm:"));
  return specifiers.map(splitNpmSpecifier).map(({ name, range }) => [name, range]);
}
