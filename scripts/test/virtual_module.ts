import type { Plugin } from "npm:rolldown@1.2.19";

/**
 * Gives a module of a bundle its source.
 *
 * @param specifier How the module is imported.
 * @param code Its source.
 * @returns The plugin.
 */
export function virtualModule(specifier: string, code: string): Plugin {
  const id = `\0${specifier}`;
  return {
    name: `virtual:${specifier}`,
    resolveId: (source) => source === specifier ? id : undefined,
    load: (source) => source === id ? code : undefined,
  };
}
