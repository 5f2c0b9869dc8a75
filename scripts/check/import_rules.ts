/** One import of a module. */
export interface ModuleImport {
  /** The path of what it imports from the root of the repository, or the specifier of a module outside. */
  target: string;
  /** Whether it is gone when the program runs. */
  isTypeOnly: boolean;
}

/** The imports of each module, by its path from the root of the repository. */
export type ModuleGraph = ReadonlyMap<string, readonly ModuleImport[]>;

const CLIENT_LAYERS = ["core", "runtime", "storage", "client", "commands", "setup"];

/** What the modules of each folder of `src` may import besides their own; `testing` may import anything. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(CLIENT_LAYERS.map((layer, height) => [layer, CLIENT_LAYERS.slice(0, height)])),
  server: ["core"],
  testing: [...CLIENT_LAYERS, "server"],
};

/** What must not be anywhere in the graph of the server half, lazily loaded or not. */
const FOREIGN_TO_SERVER = /^(node:|src\/(runtime|storage|client|commands|setup|testing)\/)/;

/** Everything that may import the emulator. */
const MAY_IMPORT_TESTING = /^(testing\.ts$|src\/testing\/|tests\/|examples\/|bench\/|scripts\/)/;

/**
 * Checks who imports whom.
 *
 * @param graph The modules of the repository.
 * @returns A sentence for each rule that is broken; empty when all is well.
 */
export function findImportViolations(graph: ModuleGraph): string[] {
  return [
    ...layerViolations(graph),
    ...testingViolations(graph),
    ...serverViolations(graph),
    ...cycles(graph),
  ];
}

function layerViolations(graph: ModuleGraph): string[] {
  return edges(graph).flatMap(([module, { target }]) => {
    const from = folderOf(module);
    if (from === undefined) return [];
    if (ALLOWED[from] === undefined) return [`${module} stands in src/${from}, which no rule knows`];
    if (isEntryPoint(target)) return [`${module} imports the entry point ${target}`];
    const to = folderOf(target);
    if (to === undefined || to === from || ALLOWED[from].includes(to)) return [];
    return [`${module} imports ${target}, but src/${from} must not know src/${to}`];
  });
}

function testingViolations(graph: ModuleGraph): string[] {
  return edges(graph)
    .filter(([module, { target }]) => folderOf(target) === "testing" && !MAY_IMPORT_TESTING.test(module))
    .map(([module, { target }]) =>
      `${module} imports ${target}, which is for testing.ts, tests and examples`
    );
}

function serverViolations(graph: ModuleGraph): string[] {
  return reachable(graph, "server.ts")
    .filter((module) => FOREIGN_TO_SERVER.test(module))
    .map((module) => `server.ts reaches ${module}`);
}

/** Types may refer to each other; code that needs itself to be loaded first may not. */
function cycles(graph: ModuleGraph): string[] {
  const finished = new Set<string>();
  const found: string[] = [];
  const visit = (module: string, path: string[]): void => {
    if (path.includes(module)) {
      found.push(`Circular import: ${[...path.slice(path.indexOf(module)), module].join(" → ")}`);
      return;
    }
    if (finished.has(module)) return;
    for (const { target, isTypeOnly } of graph.get(module) ?? []) {
      if (!isTypeOnly) visit(target, [...path, module]);
    }
    finished.add(module);
  };
  for (const module of graph.keys()) visit(module, []);
  return found;
}

function reachable(graph: ModuleGraph, entry: string): string[] {
  const found = new Set([entry]);
  for (const module of found) {
    for (const { target } of graph.get(module) ?? []) found.add(target);
  }
  return [...found];
}

function edges(graph: ModuleGraph): [module: string, imported: ModuleImport][] {
  return [...graph].flatMap(([module, imports]) =>
    imports.map((imported) => [module, imported] as [string, ModuleImport])
  );
}

function folderOf(module: string): string | undefined {
  return /^src\/([^/]+)\//.exec(module)?.[1];
}

function isEntryPoint(module: string): boolean {
  return /^\w+\.ts$/.test(module);
}
