import { type DenoConfig, DOCUMENTS, entryPoints } from "../deno_config.ts";

/**
 * Derives the `deno.json` of the package that is published to JSR.
 *
 * @param config The content of the `deno.json` of this repository.
 * @returns Its content.
 */
export function jsrManifest(config: DenoConfig): Record<string, unknown> {
  return {
    name: config.name,
    version: config.version,
    description: config.description,
    license: config.license,
    exports: Object.fromEntries(entryPoints(config).map(({ subpath, name }) => [subpath, `./${name}.js`])),
    // Git ignores what was built; what it ignores is published only if it is named again.
    publish: { include: [...DOCUMENTS, "**/*.js", "**/*.d.ts"], exclude: ["!**"] },
  };
}
