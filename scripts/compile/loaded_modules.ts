import type { ModuleInfo, Plugin, PluginContext } from "npm:rolldown@1.2.19";

/** Modules of a graph. */
export interface FoundModules {
  /** Learns the graph while it is read. */
  plugin: Plugin;
  /** Tells whether a module is one of them, once the graph was read. */
  has(id: string): boolean;
}

/** Which modules are found. */
export interface FindOptions {
  /** Those that are loaded lazily too. */
  lazy?: boolean;
}

/**
 * Finds the modules that some modules load, themselves included.
 *
 * @param roots Their paths; those that are not in the graph count for nothing.
 * @param options Which modules are found.
 * @returns The modules.
 */
export function findLoadedModules(
  roots: readonly string[],
  { lazy = false }: FindOptions = {},
): FoundModules {
  const loaded = new Set<string>();
  const plugin: Plugin = {
    name: "loaded-modules",
    buildEnd() {
      const modules = graphOf(this);
      for (const root of roots) loaded.add(root);
      for (const id of loaded) {
        const { importedIds = [], dynamicallyImportedIds = [] } = modules.get(id) ?? {};
        for (const imported of importedIds) loaded.add(imported);
        if (lazy) { for (const imported of dynamicallyImportedIds) loaded.add(imported); }
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
