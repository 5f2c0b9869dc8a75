/**
 * Builds the package that is published to JSR into `jsr/`: the modules joined into few files, with their declarations
 * next to them.
 *
 * @module
 */
import { type CompiledPackage, compilePackage } from "./compile/compile_package.ts";
import { joinModules, type ModuleGroup } from "./compile/join_modules.ts";
import { rewriteSpecifiers } from "./compile/rewrite_specifiers.ts";
import { rollDeclarations } from "./compile/roll_declarations.ts";
import { ADAPTER_HELPERS, startGroups } from "./compile/start_groups.ts";
import { type DenoConfig, DOCUMENTS, entryPoints, readDenoConfig, ROOT } from "./deno_config.ts";
import { emptyFolder, writeJson } from "./folders.ts";
import { listFiles } from "./list_sources.ts";
import { npmManifest } from "./npm/manifest.ts";

/**
 * What is joined. At startup, Deno reads every file that a program can import, even lazily, so there is one file for
 * each moment at which modules run. Each adapter has its own, because JSR also serves the package to npm, for Node and
 * Bun.
 */
const GROUPS: readonly ModuleGroup[] = [
  ...startGroups(
    ...[...ADAPTER_HELPERS, "src/runtime/host_identity.js", "src/runtime/keyring.js"],
    "src/runtime/on_windows.js",
  ),
  { name: "deno", roots: /[/\\]src[/\\]runtime[/\\]deno\b/ },
  { name: "node", roots: /[/\\]src[/\\]runtime[/\\](node|bun)\b/ },
  { name: "later", roots: /[/\\]src[/\\](core|runtime|storage|client)[/\\]/ },
  { name: "commands", roots: /[/\\]src[/\\]commands[/\\]/ },
];

if (import.meta.main) await buildJsr();

/** Builds the package, from what is already compiled if given. */
export async function buildJsr(
  compiled?: CompiledPackage,
  target: URL = new URL("jsr/", ROOT),
): Promise<void> {
  await emptyFolder(target);
  const { entries, modules } = compiled ?? await compilePackage();
  const names = entries.map(({ name }) => name);
  const config = await readDenoConfig();
  const paths = npmSpecifiers(config);
  await joinModules({
    entries: names,
    from: modules,
    to: target,
    groups: GROUPS,
    paths,
  });
  await rollDeclarations(names, { from: modules, to: target });
  await nameDeclarations(target);
  for (const name of names) await nameTypes(name, target);
  await writeJson(new URL("deno.json", target), jsrManifest(config));
  await Promise.all(DOCUMENTS.map((name) => Deno.copyFile(new URL(name, ROOT), new URL(name, target))));
}

/** A package that a module imports needs a version there. */
function npmSpecifiers(config: DenoConfig): Record<string, string> {
  const { peerDependencies, optionalDependencies } = npmManifest(config);
  const ranges = { ...peerDependencies, ...optionalDependencies };
  return Object.fromEntries(Object.entries(ranges).map(([name, range]) => [name, `npm:${name}@${range}`]));
}

/** Lets each declaration name the file of another, as Deno takes it, not the module that it declares. */
async function nameDeclarations(folder: URL): Promise<void> {
  for (const name of await listFiles(folder)) {
    if (!name.endsWith(".d.ts")) continue;
    const file = new URL(name, folder);
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(
      file,
      rewriteSpecifiers(text, (name) => name.replace(/\.js$/, ".d.ts")),
    );
  }
}

/** Tells Deno where the types of an entry point are. */
async function nameTypes(entry: string, folder: URL): Promise<void> {
  const file = new URL(`${entry}.js`, folder);
  const code = await Deno.readTextFile(file);
  await Deno.writeTextFile(file, `/* @ts-self-types="./${entry}.d.ts" */\n${code}`);
}

/** The `deno.json` of the package. */
function jsrManifest(config: DenoConfig): Record<string, unknown> {
  return {
    name: config.name,
    version: config.version,
    description: config.description,
    license: config.license,
    exports: Object.fromEntries(entryPoints(config).map(({ subpath, name }) => [subpath, `./${name}.js`])),
    // Git ignores what was built; what it ignores is published only if it is named again.
    publish: { include: [...DOCUMENTS, "**/*.js", "**/*.d.ts"], exclude: ["!**"] },
  };
}
