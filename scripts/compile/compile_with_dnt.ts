import { fileURLToPath } from "node:url";
import { build } from "@deno/dnt";
import type { CompileOptions } from "./compile_options.ts";

/**
 * Compiles the package with dnt. Only the ES modules are taken from it: the CommonJS ones are made of them when the
 * modules are joined.
 *
 * @param options What to compile, and where to.
 */
export async function compileWithDnt({ config, root, work }: CompileOptions): Promise<void> {
  await build({
    entryPoints: Object.entries(config.exports).map(([name, file]) => ({
      name,
      path: fileURLToPath(new URL(file, root)),
    })),
    outDir: fileURLToPath(work),
    // Not every version takes a path here.
    configFile: new URL("deno.json", root).href,
    // A shim would make `Deno` exist on Node.
    shims: {},
    // A polyfill would be loaded with every entry point; that of `import.meta` would even load modules of Node.
    polyfills: false,
    test: false,
    scriptModule: false,
    typeCheck: "single",
    declaration: "inline",
    declarationMap: false,
    compilerOptions: { target: "ES2022", lib: ["ES2022", "DOM", "DOM.Iterable"] },
    // The published manifest is written by the build script; this one only says what to install for the type check.
    package: { name: config.name, version: config.version, devDependencies: { "@types/node": "20.19.43" } },
  });
  // Not every version leaves `globalThis` alone where nothing is shimmed: some put a proxy of it in its place, from here.
  await Deno.writeTextFile(new URL("esm/_dnt.shims.js", work), "export const dntGlobalThis = globalThis;\n");
}
