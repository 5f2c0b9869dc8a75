import { dirname, relative, resolve } from "node:path/posix";
import { splitNpmSpecifier } from "../npm_specifier.ts";
import { rewriteSpecifiers } from "./rewrite_specifiers.ts";

/** What {@linkcode stageSources} copies, and where to. */
export interface StageOptions {
  /** The entry points, as paths in the repository such as `./mod.ts`. */
  entries: string[];
  /** The import map. */
  imports: Record<string, string>;
  /** The root folder of the repository. */
  from: URL;
  /** The folder that the sources are copied to. */
  to: URL;
}

/** The npm packages that the copied sources import, with the versions they ask for. */
export type ImportedPackages = Record<string, string>;

/**
 * Copies the entry points and everything they import, with specifiers that TypeScript and Node resolve: relative ones
 * end in `.js`, mapped ones are relative or bare, `npm:` is gone.
 *
 * @param options What to copy.
 * @returns The npm packages they import.
 */
export async function stageSources({ entries, imports, from, to }: StageOptions): Promise<ImportedPackages> {
  const packages: ImportedPackages = {};
  const queue = entries.map((entry) => resolve("/", entry));
  const seen = new Set(queue);

  const replacementIn = (importer: string) => (specifier: string): string => {
    const target = imports[specifier] ?? specifier;
    if (target.startsWith("node:")) return target;
    if (target.startsWith("npm:")) {
      const { name, range, subpath } = splitNpmSpecifier(target);
      packages[name] = range;
      return name + subpath;
    }
    if (!target.startsWith(".")) throw new Error(`Cannot resolve '${specifier}' in ${importer}`);
    // A mapped path starts at the root of the repository, any other at its importer.
    const file = resolve(target === specifier ? dirname(importer) : "/", target);
    if (!seen.has(file)) {
      seen.add(file);
      queue.push(file);
    }
    const path = relative(dirname(importer), file).replace(/\.ts$/, ".js");
    return path.startsWith(".") ? path : `./${path}`;
  };

  for (const file of queue) {
    const source = await Deno.readTextFile(new URL(`.${file}`, from));
    const target = new URL(`.${file}`, to);
    await Deno.mkdir(new URL(".", target), { recursive: true });
    await Deno.writeTextFile(target, rewriteSpecifiers(source, replacementIn(file)));
  }
  return packages;
}
