import { type DenoConfig, entryPoints } from "../deno_config.ts";

/** The program that `npx @clerk/cli-auth` runs. */
export const PROGRAM_FILE = "bin/cli-auth.js";

const KEYRING_RANGE = "^2.1.2";

interface ConditionalExport {
  types: string;
  default: string;
}

const REPOSITORY = "https://github.com/clerk/cli-auth";

/** The `package.json` of the npm package. */
export interface NpmManifest {
  name: string;
  version: string;
  exports: Record<string, { import: ConditionalExport; require: ConditionalExport } | string>;
  optionalDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  [field: string]: unknown;
}

/** Derives the npm package's `package.json` from `deno.json`, for every compiler. */
export function npmManifest(config: DenoConfig): NpmManifest {
  const entries = entryPoints(config);
  return {
    name: config.name,
    version: config.version,
    description: config.description,
    keywords: ["clerk", "cli", "oauth", "pkce", "authentication", "login"],
    license: config.license,
    homepage: `${REPOSITORY}#readme`,
    bugs: `${REPOSITORY}/issues`,
    repository: { type: "git", url: `git+${REPOSITORY}.git` },
    type: "module",
    sideEffects: false,
    engines: { node: ">=20.16" },
    bin: { "cli-auth": PROGRAM_FILE },
    files: ["bin", "esm", "script", "CHANGELOG.md"],
    main: "./script/mod.js",
    types: "./script/mod.d.ts",
    exports: {
      ...Object.fromEntries(entries.map(({ subpath, name }) => [subpath, {
        import: { types: `./esm/${name}.d.ts`, default: `./esm/${name}.js` },
        require: { types: `./script/${name}.d.ts`, default: `./script/${name}.js` },
      }])),
      "./package.json": "./package.json",
    },
    // TypeScript's `node10` resolution does not read `exports`.
    typesVersions: {
      "*": Object.fromEntries(
        entries.filter(({ subpath }) => subpath !== ".").map(({ subpath, name }) => [
          subpath.slice("./".length),
          [`./script/${name}.d.ts`],
        ]),
      ),
    },
    peerDependencies: { "@clerk/backend": npmRange(config, "@clerk/backend") },
    peerDependenciesMeta: { "@clerk/backend": { optional: true } },
    optionalDependencies: { "@napi-rs/keyring": KEYRING_RANGE },
  };
}

function npmRange(config: DenoConfig, name: string): string {
  const prefix = `npm:${name}@`;
  const target = config.imports[name];
  if (!target?.startsWith(prefix)) {
    throw new Error(`Cannot read the range of '${name}' as deno.json maps it to '${target}'`);
  }
  return target.slice(prefix.length);
}
