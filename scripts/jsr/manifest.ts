import { type DenoConfig, DOCUMENTS } from "../deno_config.ts";
import { entryNames } from "../npm/manifest.ts";

/**
 * Derives the `deno.json` of the package that is published to JSR.
 *
 * @param config The content of the `deno.json` of this repository.
 * @returns Its content.
 */
export function jsrManifest(config: DenoConfig): Record<string, unknown> {
  const entries = entryNames(config);
  return {
    name: config.name,
    version: config.version,
    description: config.description,
    license: config.license,
    exports: Object.fromEntries(entries.map(([subpath, name]) => [subpath, `./${name}.js`])),
    // Git ignores what was built; what it ignores is published only if it is named again.
    publish: { include: [...DOCUMENTS, "**/*.js", "**/*.d.ts"], exclude: ["!**"] },
  };
}
