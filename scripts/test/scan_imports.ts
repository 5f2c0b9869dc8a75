import { dirname, join } from "node:path/posix";
import { ROOT } from "../deno_config.ts";
import { splitNpmSpecifier } from "../npm_specifier.ts";

/** What some modules import, directly or not. */
export interface ScannedImports {
  /** The modules of the repository, including themselves, as paths from its root. */
  modules: ReadonlySet<string>;
  /** The npm packages, with the requested versions. */
  packages: Record<string, string>;
}

/** Imports start a line, unlike those in documentation examples. Lazy ones are anywhere. Types are not loaded. */
const IMPORT = /(?:^(?:import|export)(?! type)[^"'();=]*|\bimport\()"([^"\n]+)"/gm;

const sources = new Map<string, Promise<string>>();

/** Finds imports by text, in milliseconds. Building the graph would take seconds. */
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
