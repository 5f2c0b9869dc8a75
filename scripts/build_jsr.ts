/**
 * Builds the package that is published to JSR into `jsr/`: the modules joined into few, with the declarations of the
 * sources beside them.
 *
 * @module
 */
import { type CompiledPackage, compilePackage } from "./compile/compile_package.ts";
import { copyDeclarations } from "./compile/copy_declarations.ts";
import { DOCUMENTS, readDenoConfig, ROOT } from "./deno_config.ts";
import { emptyFolder, writeJson } from "./folders.ts";
import { joinForJsr } from "./jsr/join_for_jsr.ts";
import { jsrManifest } from "./jsr/manifest.ts";

if (import.meta.main) await buildJsr();

/** Builds the package; what is compiled already is not compiled again. */
export async function buildJsr(compiled?: CompiledPackage): Promise<void> {
  const target = new URL("jsr/", ROOT);
  await emptyFolder(target);
  const { entries: points, modules } = compiled ?? await compilePackage();
  const entries = points.map(({ name }) => name);
  const config = await readDenoConfig();
  await joinForJsr({ entries, from: modules, to: target, config });
  await copyDeclarations({ entries, from: modules, to: target });
  for (const name of entries) await nameTypes(name, target);
  await writeJson(new URL("deno.json", target), jsrManifest(config));
  await Promise.all(DOCUMENTS.map((name) => Deno.copyFile(new URL(name, ROOT), new URL(name, target))));
}

/** Tells Deno where the types of an entry point are. */
async function nameTypes(entry: string, folder: URL): Promise<void> {
  const file = new URL(`${entry}.js`, folder);
  const code = await Deno.readTextFile(file);
  await Deno.writeTextFile(file, `/* @ts-self-types="./${entry}.d.ts" */\n${code}`);
}
