import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../deno_config.ts";
import { installPackages } from "../install_packages.ts";
import { listSources } from "../list_sources.ts";
import { splitNpmSpecifier } from "../npm_specifier.ts";
import { CONFIG_FILE } from "../registry.ts";

/** Where mutants are made and tried. */
export const WORKSPACE: URL = new URL(".build/mutate/", ROOT);

/** The mutation tester, the test runner, and what the tests of the mutated folders import. */
const PACKAGES = [
  "npm:@stryker-mutator/core@9.6.1",
  "npm:@stryker-mutator/vitest-runner@9.6.1",
  "npm:vitest@3.2.4",
  "npm:@clerk/backend@^3.25.0",
  "npm:@napi-rs/keyring@^2.1.2",
  "npm:deno-std@1.4.0",
  "npm:fast-check@4.10.2",
  "npm:selfsigned@5.5.0",
];

/** Copies the sources, so that mutants are nowhere near them, and installs what trying them takes. */
export async function prepareWorkspace(): Promise<void> {
  const packages = PACKAGES.map(splitNpmSpecifier).map(({ name, range }) => [name, range]);
  await installPackages(WORKSPACE, Object.fromEntries(packages));
  for (const folder of ["src", "tests", "scripts"]) await remove(new URL(`${folder}/`, WORKSPACE));
  const sources = (await listSources()).filter((file) => !/^(?:bench|examples)\//.test(file));
  for (const file of [...sources, CONFIG_FILE.npm]) await copy(file, file);
  for (const file of ["bdd.mjs", "worker.mjs", "vitest.config.mjs"]) {
    await copy(`scripts/mutate/${file}`, file);
  }
}

async function copy(from: string, to: string): Promise<void> {
  const target = fileURLToPath(new URL(to, WORKSPACE));
  await Deno.mkdir(dirname(target), { recursive: true });
  await Deno.copyFile(new URL(from, ROOT), target);
}

async function remove(folder: URL): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.remove(folder, { recursive: true });
}
