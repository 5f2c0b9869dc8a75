/**
 * Builds the npm package into `npm/`: with dnt where JSR can be reached, else with tools from the npm registry alone.
 * Both give the same exports, layout and `package.json`.
 *
 * @module
 */
import { CONFIG_FILE, currentRegistry } from "./registry.ts";
import { readDenoConfig, ROOT } from "./deno_config.ts";
import { entryNames, npmManifest, PROGRAM_FILE } from "./npm/manifest.ts";
import { joinModules } from "./npm/join_modules.ts";
import { copyDeclarations } from "./npm/copy_declarations.ts";
import { compileWithTypeScript } from "./npm/compile_with_typescript.ts";

const PROGRAM = `#!/usr/bin/env node
import { runSetup } from "../esm/setup.js";
process.exit(await runSetup(process.argv.slice(2)));
`;

const DOCUMENTS = ["LICENSE", "README.md", "CHANGELOG.md"];

if (import.meta.main) await buildNpm();

/** Builds the package. */
export async function buildNpm(): Promise<void> {
  const registry = currentRegistry();
  const config = await readDenoConfig(CONFIG_FILE[registry]);
  const work = new URL(`.build/npm_${registry}/`, ROOT);
  const target = new URL("npm/", ROOT);
  await Promise.all([new URL("src/", work), new URL("esm/", work), target].map(removeFolder));
  await Deno.mkdir(target, { recursive: true });

  // dnt is on JSR: where that is out of reach, its module cannot even be loaded.
  const compile = registry === "jsr"
    ? (await import("./npm/compile_with_dnt.ts")).compileWithDnt
    : compileWithTypeScript;
  await compile({ config, root: ROOT, work });

  const entries = entryNames(config).map(([, name]) => name);
  const compiled = new URL("esm/", work);
  await joinModules({ entries, from: compiled, to: target });
  await copyDeclarations({
    entries,
    from: compiled,
    to: [new URL("esm/", target), new URL("script/", target)],
  });
  await Deno.mkdir(new URL("bin/", target));
  await Deno.writeTextFile(new URL(PROGRAM_FILE, target), PROGRAM, { mode: 0o755 });
  await writeJson(new URL("script/package.json", target), { type: "commonjs" });
  await writeJson(new URL("package.json", target), npmManifest(config));
  await Promise.all(DOCUMENTS.map((name) => Deno.copyFile(new URL(name, ROOT), new URL(name, target))));
}

async function removeFolder(folder: URL): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function writeJson(file: URL, content: unknown): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(content, null, 2) + "\n");
}
