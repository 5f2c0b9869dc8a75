import process from "node:process";

/**
 * What `deno task test` prepared for the tests, handed over in an environment variable. A single test that a developer
 * starts by `deno test` has none of it.
 */
export interface TestSetup {
  /** The programs of each runtime. */
  deno: string;
  node: string;
  bun: string;
  /** The configuration that Deno runs with. */
  denoConfig: string;
  /** The npm package, packed. */
  tarball: string;
  /** The folder of what is installed: that package, and those that tests and their projects import. */
  modules: string;
  /** The folder of `tests/programs`, bundled for Node and Bun. */
  programs: string;
}

/** The environment variable that carries the {@linkcode TestSetup}, as JSON. */
export const SETUP_VARIABLE = "CLI_AUTH_TEST_SETUP";

/** Reads what was prepared; `undefined` when nothing was. */
export function readSetup(): TestSetup | undefined {
  const text = process.env[SETUP_VARIABLE];
  return text ? JSON.parse(text) : undefined;
}
