import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "@deno/dnt";
import { type DenoConfig, type EntryPoint, readDenoConfig, ROOT } from "../deno_config.ts";
import { CONFIG_FILE } from "../registry.ts";
import { type CompilerOptions, NODE_TYPES } from "./compile_with_typescript.ts";

/**
 * Compiles the package with dnt, to `esm/` in a work directory. Only the ES modules are used. The CommonJS ones are
 * made when the modules are joined.
 */
export async function compileWithDnt(
  entries: readonly EntryPoint[],
  options: CompilerOptions,
): Promise<void> {
  await build(dntOptions(entries, { ...options, config: await readDenoConfig(CONFIG_FILE.jsr) }));
}

export function dntOptions(
  entries: readonly EntryPoint[],
  { config, work, checksTypes }: CompilerOptions & { config: DenoConfig },
): BuildOptions {
  return {
    entryPoints: entries.map(({ subpath, source }) => ({
      name: subpath,
      path: fileURLToPath(new URL(source, ROOT)),
    })),
    outDir: fileURLToPath(work),
    configFile: fileURLToPath(new URL(CONFIG_FILE.jsr, ROOT)),
    // A shim would make `Deno` exist on Node.
    shims: {},
    // Every entry point would load a polyfill. That of `import.meta` would even load Node modules.
    polyfills: false,
    test: false,
    scriptModule: false,
    typeCheck: checksTypes && "single",
    declaration: "inline",
    compilerOptions: { target: "ES2022", lib: ["ES2022", "DOM", "DOM.Iterable"] },
    // The build script writes the published manifest. This one only says what to install for the type check.
    package: { name: config.name, version: config.version, devDependencies: NODE_TYPES },
  };
}
