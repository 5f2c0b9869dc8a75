import { rewriteSpecifiers } from "../../../scripts/compile/rewrite_specifiers.ts";

/** The specifiers that a module imports. */
export interface ModuleImports {
  /** Those that are loaded with it. */
  static: string[];
  /** Those and the lazy ones. */
  all: string[];
}

const STATIC_IMPORT = /^(?:import|export)\b[^"'`(;]*["']([^"']+)["'];/gm;

/**
 * Reads the imports of a compiled module.
 *
 * @param file The module.
 * @returns Its specifiers.
 */
export async function importsOf(file: URL): Promise<ModuleImports> {
  const code = await Deno.readTextFile(file);
  const all: string[] = [];
  rewriteSpecifiers(code, (specifier) => {
    all.push(specifier);
    return specifier;
  });
  return { static: [...code.matchAll(STATIC_IMPORT)].map(([, specifier = ""]) => specifier), all };
}

/**
 * Lists the files below a folder.
 *
 * @param folder The folder, with a trailing slash.
 * @param pattern What their names match.
 * @returns Their paths from the folder, sorted.
 */
export async function listFiles(folder: URL, pattern: RegExp): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) files.push(name);
    else {files.push(...(await listFiles(new URL(`${name}/`, folder), pattern)).map((file) =>
        `${name}/${file}`
      ));}
  }
  return files.filter((file) => pattern.test(file)).sort();
}
