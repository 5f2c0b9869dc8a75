import process from "node:process";

/**
 * What `deno task test` prepared for the tests, passed in an environment variable. A single test started with `deno
 * test` has none of it.
 */
export interface TestSetup {
  /** The programs of each runtime. */
  deno: string;
  node: string;
  bun: string;
  /** The configuration that Deno runs with. */
  denoConfig: string;
  /** The packed npm package. */
  tarball: string;
  /** The directory of installed packages: that one, and those that tests and their projects import. */
  modules: string;
  /** The directory of `tests/programs`, bundled for Node and Bun. */
  programs: string;
}

/** The environment variable with the {@linkcode TestSetup}, as JSON. */
export const SETUP_VARIABLE = "CLI_AUTH_TEST_SETUP";

/** Reads what was prepared; `undefined` if nothing was. */
export function readSetup(): TestSetup | undefined {
  const text = process.env[SETUP_VARIABLE];
  return text ? JSON.parse(text) : undefined;
}
