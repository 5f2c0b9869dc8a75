import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "npm:rolldown@1.2.19";
import { ROOT } from "../deno_config.ts";
import { splitNpmSpecifier } from "../npm_specifier.ts";

/** Options of {@linkcode denoSpecifiers}. */
export interface DenoSpecifiersOptions {
  /** The import map. This package is resolved like others, unless the map names its sources. */
  imports: Record<string, string>;
  /** The file that packages are resolved from, to be bundled. Without it they stay imports. */
  packagesFrom?: string;
}

const OWN_NAME = "@clerk/cli-auth";
const ROOT_PATH = fileURLToPath(ROOT);

/** Resolves in a bundle what Deno resolves by itself: the import map, `npm:` specifiers, and this package by name. */
export function denoSpecifiers({ imports, packagesFrom }: DenoSpecifiersOptions): Plugin {
  return {
    name: "deno-specifiers",
    async resolveId(specifier, importer) {
      const inPackages = async (bare: string) =>
        packagesFrom === undefined
          ? { id: bare, external: true }
          : await this.resolve(bare, packagesFrom, { skipSelf: true });
      const target = imports[specifier] ?? specifier;
      if (target.startsWith("npm:")) {
        const { name, subpath } = splitNpmSpecifier(target);
        return await inPackages(name + subpath);
      }
      if (target !== specifier) return resolve(ROOT_PATH, target);
      if (specifier === OWN_NAME || specifier.startsWith(`${OWN_NAME}/`)) return await inPackages(specifier);
      if (/^\.\.?\//.test(specifier) && importer?.endsWith(".ts")) {
        return resolve(dirname(importer), specifier);
      }
      return undefined;
    },
  };
}
