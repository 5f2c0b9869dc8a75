import { readDenoConfig, ROOT } from "../deno_config.ts";
import { run } from "../run.ts";
import { npmManifest } from "./manifest.ts";

/** A project that has nothing but what the published package can bring along. */
export const PUBLISHED_PROJECT: URL = new URL(".build/published/", ROOT);

/** What a lock file says of one package. */
export interface LockedPackage {
  version: string;
  license?: string;
  /** Whether a program of the package runs when it is installed. */
  hasInstallScript?: boolean;
}

/**
 * Resolves what the published package can bring along: its peers and optional dependencies, and what they need. Returns the
 * packages by their directories, such as `node_modules/@clerk/backend`.
 */
export async function lockPublished(): Promise<Record<string, LockedPackage>> {
  const { peerDependencies, optionalDependencies } = npmManifest(await readDenoConfig());
  const dependencies = { ...peerDependencies, ...optionalDependencies };
  await Deno.mkdir(PUBLISHED_PROJECT, { recursive: true });
  const manifest = JSON.stringify({ private: true, dependencies });
  await Deno.writeTextFile(new URL("package.json", PUBLISHED_PROJECT), manifest);
  const args = ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", args, { cwd: PUBLISHED_PROJECT });
  const lock = JSON.parse(await Deno.readTextFile(new URL("package-lock.json", PUBLISHED_PROJECT)));
  const { "": _project, ...packages } = lock.packages;
  return packages;
}
