import { dirname, join } from "node:path/posix";
import { ROOT } from "../deno_config.ts";
import { splitNpmSpecifier } from "../npm_specifier.ts";

/** What some modules import, directly or not. */
export interface ScannedImports {
  /** The modules of the repository, themselves included, as paths from its root. */
  modules: ReadonlySet<string>;
  /** The npm packages with the versions that are asked for. */
  packages: Record<string, string>;
}

/** Imports begin a line, unlike those in examples of documentation; lazy ones are anywhere. Types are not loaded. */
const IMPORT = /(?:^(?:import|export)(?! type)[^"'();=]*|\bimport\()"([^"\n]+)"/gm;

const sources = new Map<string, Promise<string>>();

/** Finds what modules import by their text: that takes milliseconds, a build of the graph takes seconds. */
export async function scanImports(
  files: readonly string[],
  imports: Readonly<Record<string, string>>,
): Promise<ScannedImports> {
  const modules = new Set(files);
  const packages: Record<string, string> = {};
  for (const module of modules) {
    for (const [, specifier = ""] of (await readSource(module)).matchAll(IMPORT)) {
      const target = imports[specifier] ?? specifier;
      if (target.startsWith("npm:")) {
        const { name, range } = splitNpmSpecifier(target);
        packages[name] = range;
      } else if (target.startsWith(".") && target.endsWith(".ts")) {
        // A mapped path starts at the root of the repository, any other at its importer.
        modules.add(join(target === specifier ? dirname(module) : ".", target));
      }
    }
  }
  return { modules, packages };
}

function readSource(file: string): Promise<string> {
  const known = sources.get(file) ?? Deno.readTextFile(new URL(file, ROOT));
  sources.set(file, known);
  return known;
}
