/**
 * Builds the npm package into `npm/`: with dnt where JSR can be reached, else with tools from the npm registry alone.
 * Both give the same exports, layout and `package.json`.
 *
 * @module
 */
import { type CompiledPackage, compilePackage } from "./compile/compile_package.ts";
import { rollDeclarations } from "./compile/roll_declarations.ts";
import { DOCUMENTS, readDenoConfig, ROOT } from "./deno_config.ts";
import { emptyFolder, writeJson } from "./folders.ts";
import { writeCommonJs } from "./npm/common_js.ts";
import { joinForNpm } from "./npm/join_for_npm.ts";
import { npmManifest, PROGRAM_FILE } from "./npm/manifest.ts";

const PROGRAM = `#!/usr/bin/env node
import { runSetup } from "../esm/setup.js";
process.exit(await runSetup(process.argv.slice(2)));
`;

if (import.meta.main) await buildNpm();

/** Builds the package; what is compiled already is not compiled again. */
export async function buildNpm(
  compiled?: CompiledPackage,
  target: URL = new URL("npm/", ROOT),
): Promise<void> {
  await emptyFolder(target);
  const { entries: points, modules } = compiled ?? await compilePackage();
  const entries = points.map(({ name }) => name);
  await joinForNpm({ entries, from: modules, to: new URL("esm/", target) });
  await rollDeclarations({ entries, from: modules, to: new URL("script/", target) });
  await writeCommonJs({ entries, to: target });
  await Deno.mkdir(new URL("bin/", target));
  await Deno.writeTextFile(new URL(PROGRAM_FILE, target), PROGRAM, { mode: 0o755 });
  await writeJson(new URL("package.json", target), npmManifest(await readDenoConfig()));
  await Promise.all(DOCUMENTS.map((name) => Deno.copyFile(new URL(name, ROOT), new URL(name, target))));
}
