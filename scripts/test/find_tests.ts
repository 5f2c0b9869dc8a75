import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../deno_config.ts";
import { listSources } from "../list_sources.ts";

/** The tests of this run by where they run, and the programs that they start; paths from the root of the repository. */
export interface TestFiles {
  /** Tests that run once, on Deno: of the repository itself, and those that start processes on every runtime. */
  once: string[];
  /** Tests that run on Deno, Node and Bun. */
  everywhere: string[];
  /** Those of them that test the server half. */
  server: string[];
  /** Programs that tests start as processes. */
  programs: string[];
}

const ONCE = ["tests/repository/", "tests/processes/"];
const SERVER = "tests/server/";
const PROGRAMS = "tests/programs";

/**
 * Finds the tests.
 *
 * @param filters Beginnings of paths, such as `tests/core`; none finds all tests.
 * @returns The files.
 * @throws {Error} If a filter finds nothing.
 */
export async function findTests(filters: string[]): Promise<TestFiles> {
  const wanted = filters.map((filter) => relative(fileURLToPath(ROOT), filter));
  const all = (await listSources(["tests"])).filter((file) => file.endsWith("_test.ts"));
  for (const filter of wanted) {
    if (!all.some((file) => file.startsWith(filter))) throw new Error(`Cannot find tests at '${filter}'`);
  }
  const found = all.filter((file) => wanted.length === 0 || wanted.some((filter) => file.startsWith(filter)));
  const isOnce = (file: string) => ONCE.some((folder) => file.startsWith(folder));
  const everywhere = found.filter((file) => !isOnce(file));
  return {
    once: found.filter(isOnce),
    everywhere,
    server: everywhere.filter((file) => file.startsWith(SERVER)),
    programs: await listSources([PROGRAMS]),
  };
}
