/**
 * Asks the npm registry for known vulnerabilities in everything that the published package can install.
 *
 *     deno task audit
 *
 * @module
 */
import { readDenoConfig, ROOT } from "./deno_config.ts";
import { run } from "./run.ts";
import { npmManifest } from "./npm/manifest.ts";

/** A project with only what the published package can install. */
const PROJECT = new URL(".build/published/", ROOT);

if (import.meta.main) Deno.exit(await audit());

async function audit(): Promise<number> {
  const packages = Object.keys(await lockPublished());
  console.log(`Asking about ${packages.length} packages`);
  return (await new Deno.Command("npm", { args: ["audit"], cwd: PROJECT, stdin: "null" }).spawn().status)
    .code;
}

/** A package in a lock file. */
export interface LockedPackage {
  version: string;
  license?: string;
  /** Whether installing the package runs a program of its own. */
  hasInstallScript?: boolean;
}

/**
 * Resolves what the published package can install: its peers and optional dependencies, and what they need. Returns the
 * packages by their directories, such as `node_modules/@clerk/backend`.
 */
export async function lockPublished(): Promise<Record<string, LockedPackage>> {
  const { peerDependencies, optionalDependencies } = npmManifest(await readDenoConfig());
  const dependencies = { ...peerDependencies, ...optionalDependencies };
  await Deno.mkdir(PROJECT, { recursive: true });
  const manifest = JSON.stringify({ private: true, dependencies });
  await Deno.writeTextFile(new URL("package.json", PROJECT), manifest);
  const args = ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", args, { cwd: PROJECT });
  const lock = JSON.parse(await Deno.readTextFile(new URL("package-lock.json", PROJECT)));
  const { "": _project, ...packages } = lock.packages;
  return packages;
}
