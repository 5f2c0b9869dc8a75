import type { ModuleInfo, Plugin, PluginContext } from "npm:rolldown@1.2.19";

/** Modules of a graph. */
export interface FoundModules {
  /** Learns the graph while it is read. */
  plugin: Plugin;
  /** Tells whether a module is one of them, once the graph was read. */
  has(id: string): boolean;
}

/**
 * Finds the modules that an entry point loads at once and that another entry point or a lazy module loads too.
 *
 * @param entry The path of the entry point; without one nothing is shared.
 * @returns The modules.
 */
export function findSharedModules(entry: string | undefined): FoundModules {
  const shared = new Set<string>();
  const plugin: Plugin = {
    name: "shared-modules",
    buildEnd() {
      const modules = graphOf(this);
      const roots = [...modules.values()].filter(({ id, isEntry, dynamicImporters }) =>
        id !== entry && (isEntry || dynamicImporters.length > 0)
      );
      const elsewhere = new Set(roots.flatMap(({ id }) => [...loadedBy(id, modules)]));
      for (const id of entry === undefined ? [] : loadedBy(entry, modules)) {
        if (elsewhere.has(id)) shared.add(id);
      }
    },
  };
  return { plugin, has: (id) => shared.has(id) };
}

/**
 * Finds the modules that some modules load at once, themselves included.
 *
 * @param roots Their paths; without one there are none.
 * @returns The modules.
 */
export function findLoadedModules(roots: readonly (string | undefined)[]): FoundModules {
  const loaded = new Set<string>();
  const plugin: Plugin = {
    name: "loaded-modules",
    buildEnd() {
      const modules = graphOf(this);
      for (const root of roots) {
        if (root !== undefined) { for (const id of loadedBy(root, modules)) loaded.add(id); }
      }
    },
  };
  return { plugin, has: (id) => loaded.has(id) };
}

function graphOf(context: PluginContext): Map<string, ModuleInfo> {
  const infos = [...context.getModuleIds()].map((id) => context.getModuleInfo(id)).filter((info) =>
    info !== null
  );
  return new Map(infos.map((info) => [info.id, info]));
}

/** A module and everything that must be loaded before it runs. */
function loadedBy(root: string, modules: Map<string, ModuleInfo>): Set<string> {
  const found = new Set([root]);
  for (const id of found) {
    for (const imported of modules.get(id)?.importedIds ?? []) found.add(imported);
  }
  return found;
}
