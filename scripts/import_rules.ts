import { dirname, join } from "node:path/posix";
import ts from "npm:typescript@6.0.3";
import { allImports, readDenoConfig, ROOT } from "./deno_config.ts";
import { CONFIG_FILE } from "./registry.ts";

/**
 * What each module imports, types included, by its path from the root of the repository: the path of another, or the
 * specifier of a module outside.
 */
export type ModuleGraph = ReadonlyMap<string, readonly string[]>;

const CLIENT_LAYERS = ["core", "runtime", "storage", "client", "commands", "setup"];

/** What the modules of each folder of `src` may import besides their own; `testing` may import anything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(CLIENT_LAYERS.map((layer, height) => [layer, CLIENT_LAYERS.slice(0, height)])),
  server: ["core"],
  testing: [...CLIENT_LAYERS, "server"],
};

/** What must not be anywhere in the graph of the server half, lazily loaded or not. */
const FOREIGN_TO_SERVER = /^(node:|src\/(runtime|storage|client|commands|setup|testing)\/)/;

/** Checks who imports whom; returns a sentence for each rule that is broken. */
export function findImportViolations(graph: ModuleGraph): string[] {
  return [...layerViolations(graph), ...serverViolations(graph), ...cycles(graph)];
}

function layerViolations(graph: ModuleGraph): string[] {
  return edges(graph).flatMap(([module, target]) => {
    const [from, to] = [folderOf(module), folderOf(target)];
    if (to === "testing" && isEntryPoint(module) && module !== "testing.ts") {
      return [`${module} imports ${target}, which is for testing.ts, tests and examples`];
    }
    if (to !== undefined && module.startsWith("tests/") && !module.startsWith("tests/doors/")) {
      return [`${module} imports ${target} past tests/doors/${to}.ts`];
    }
    if (from === undefined) return [];
    if (ALLOWED[from] === undefined) return [`${module} is in src/${from}, which no rule knows`];
    if (isEntryPoint(target)) return [`${module} imports the entry point ${target}`];
    if (to === undefined || to === from || ALLOWED[from].includes(to)) return [];
    return [`${module} imports ${target}, but src/${from} must not know src/${to}`];
  });
}

function serverViolations(graph: ModuleGraph): string[] {
  return reachable(graph, "server.ts")
    .filter((module) => FOREIGN_TO_SERVER.test(module))
    .map((module) => `server.ts reaches ${module}`);
}

/** Each group of modules that need each other: none of them can be read, moved or loaded without all others. */
function cycles(graph: ModuleGraph): string[] {
  const needs = new Map([...graph.keys()].map((module) => [module, new Set(reachable(graph, module))]));
  return [...needs].flatMap(([module, needed]) => {
    const circle = [...needed].filter((other) => needs.get(other)?.has(module)).sort();
    return circle.length > 1 && circle[0] === module ? [`Circular import: ${circle.join(", ")}`] : [];
  });
}

function reachable(graph: ModuleGraph, entry: string): string[] {
  const found = new Set([entry]);
  for (const module of found) {
    for (const imported of graph.get(module) ?? []) found.add(imported);
  }
  return [...found];
}

function edges(graph: ModuleGraph): [module: string, imported: string][] {
  return [...graph].flatMap(([module, imports]) =>
    imports.map((imported): [string, string] => [module, imported])
  );
}

function folderOf(module: string): string | undefined {
  return /^src\/([^/]+)\//.exec(module)?.[1];
}

function isEntryPoint(module: string): boolean {
  return /^\w+\.ts$/.test(module);
}

/** Reads what some modules of this repository import. */
export async function readModuleGraph(files: string[]): Promise<ModuleGraph> {
  const imports = allImports(await readDenoConfig(CONFIG_FILE.npm));
  const graph = new Map<string, string[]>();
  for (const file of files) {
    const { importedFiles } = ts.preProcessFile(await Deno.readTextFile(new URL(file, ROOT)), true, true);
    graph.set(
      file,
      importedFiles.map(({ fileName: specifier }) => {
        const target = imports[specifier] ?? specifier;
        if (!target.startsWith(".")) return target;
        // A mapped path starts at the root of the repository, any other at its importer.
        return join(target === specifier ? dirname(file) : ".", target);
      }),
    );
  }
  return graph;
}
