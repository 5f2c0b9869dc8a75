import { CONFIG_FILE, currentRegistry } from "../registry.ts";
import { type DenoConfig, readDenoConfig, ROOT } from "../deno_config.ts";
import { removeFolder } from "../folders.ts";
import { compileWithTypeScript } from "./compile_with_typescript.ts";

/** The package, compiled. */
export interface CompiledPackage {
  /** The configuration in use. */
  config: DenoConfig;
  /** The folder of the ES modules, `.js` beside `.d.ts`. */
  modules: URL;
}

/** Compiles the package to ES modules: with dnt where JSR can be reached, else with tools from the npm registry alone. */
export async function compilePackage(): Promise<CompiledPackage> {
  const registry = currentRegistry();
  const config = await readDenoConfig(CONFIG_FILE[registry]);
  const work = new URL(`.build/compiled_${registry}/`, ROOT);
  const modules = new URL("esm/", work);
  await Promise.all([new URL("src/", work), modules].map(removeFolder));
  // dnt is on JSR: where that is out of reach, its module cannot even be loaded.
  const compile = registry === "jsr"
    ? (await import("./compile_with_dnt.ts")).compileWithDnt
    : compileWithTypeScript;
  await compile({ config, root: ROOT, work });
  return { config, modules };
}
