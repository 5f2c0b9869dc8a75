/**
 * Writes `deno.npm.json`: `deno.json` with everything from JSR replaced by the wrappers in `scripts/npm_std/`, which
 * use the npm registry.
 *
 *     deno run -A --no-lock scripts/npm_config.ts
 *
 * @module
 */
import { CONFIG_FILE } from "./registry.ts";
import { type DenoConfig, readDenoConfig, ROOT } from "./deno_config.ts";

/** Derives `deno.npm.json` from `deno.json`: only `imports` and `publish.include` differ. */
export function npmConfig(config: DenoConfig): DenoConfig {
  const imports = Object.entries(config.imports).map((
    [specifier, target],
  ) => [specifier, target.startsWith("jsr:") ? wrapperOf(specifier) : target]);
  const include = [...config.publish.include, "scripts/npm_std/*.ts"];
  return { ...config, imports: Object.fromEntries(imports), publish: { ...config.publish, include } };
}

/** Returns the wrapper for a JSR module, such as `./scripts/npm_std/http_cookie.ts` for `@std/http/cookie`. */
export function wrapperOf(specifier: string): string {
  return `./scripts/npm_std/${specifier.replace(/^@(std\/)?/, "").replaceAll(/\W/g, "_")}.ts`;
}

if (import.meta.main) {
  const target = new URL(CONFIG_FILE.npm, ROOT);
  await Deno.writeTextFile(target, JSON.stringify(npmConfig(await readDenoConfig()), null, 2) + "\n");
}
