/**
 * Writes `deno.npm.json`: `deno.json` with everything that comes from JSR taken from the npm registry instead, by the
 * wrappers in `scripts/npm_std/`.
 *
 *     deno run -A --no-lock scripts/npm_config.ts
 *
 * @module
 */
import { CONFIG_FILE } from "./registry.ts";
import { type DenoConfig, readDenoConfig, ROOT } from "./deno_config.ts";

/** The wrapper that stands in for each module of JSR. */
export const WRAPPERS: Readonly<Record<string, string>> = {
  "@deno/dnt": "./scripts/npm_std/deno_dnt.ts",
  "@std/assert": "./scripts/npm_std/assert.ts",
  "@std/cli/parse-args": "./scripts/npm_std/cli_parse_args.ts",
  "@std/crypto/timing-safe-equal": "./scripts/npm_std/crypto_timing_safe_equal.ts",
  "@std/http/cookie": "./scripts/npm_std/http_cookie.ts",
  "@std/http/status": "./scripts/npm_std/http_status.ts",
  "@std/testing/bdd": "./scripts/npm_std/testing_bdd.ts",
};

/** What only tests and scripts use; the other wrappers are part of what is published. */
const DEVELOPMENT_ONLY = ["@deno/dnt", "@std/assert", "@std/testing/bdd"];

/** Derives `deno.npm.json` from `deno.json`: only `imports` and the wrappers in `publish.include` differ. */
export function npmConfig(config: DenoConfig): DenoConfig {
  const imports = Object.entries(config.imports).map((
    [specifier, target],
  ) => [specifier, target.startsWith("jsr:") ? wrapperOf(specifier) : target]);
  const published = Object.keys(WRAPPERS).filter((specifier) => !DEVELOPMENT_ONLY.includes(specifier));
  return {
    ...config,
    imports: Object.fromEntries(imports),
    publish: {
      ...config.publish,
      include: [...config.publish.include, ...published.map((name) => wrapperOf(name).slice("./".length))],
    },
  };
}

function wrapperOf(specifier: string): string {
  const wrapper = WRAPPERS[specifier];
  if (wrapper === undefined) throw new Error(`Cannot do without JSR as nothing stands in for '${specifier}'`);
  return wrapper;
}

if (import.meta.main) {
  const target = new URL(CONFIG_FILE.npm, ROOT);
  await Deno.writeTextFile(target, JSON.stringify(npmConfig(await readDenoConfig()), null, 2) + "\n");
}
