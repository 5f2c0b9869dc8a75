import type { ModuleInfo, Plugin } from "npm:rolldown@1.2.19";

/** The modules that an entry point shares. */
export interface SharedModules {
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
export function findSharedModules(entry: string | undefined): SharedModules {
  const shared = new Set<string>();
  const plugin: Plugin = {
    name: "shared-modules",
    buildEnd() {
      const infos = [...this.getModuleIds()].map((id) => this.getModuleInfo(id)).filter((info) =>
        info !== null
      );
      const modules = new Map(infos.map((info) => [info.id, info]));
      const roots = infos.filter(({ id, isEntry, dynamicImporters }) =>
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

/** A module and everything that must be loaded before it runs. */
function loadedBy(root: string, modules: Map<string, ModuleInfo>): Set<string> {
  const found = new Set([root]);
  for (const id of found) {
    for (const imported of modules.get(id)?.importedIds ?? []) found.add(imported);
  }
  return found;
}
