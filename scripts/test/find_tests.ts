import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../deno_config.ts";
import { listSources } from "../list_sources.ts";

/**
 * Finds the tests whose paths start with one of the filters, such as `tests/core`, or all tests. Throws a `TypeError`
 * if a filter finds nothing.
 */
export async function findTests(filters: readonly string[] = []): Promise<string[]> {
  const all = (await listSources(["tests"])).filter((file) => file.endsWith("_test.ts"));
  const wanted = filters.map((filter) => relative(fileURLToPath(ROOT), filter).replaceAll(sep, "/"));
  for (const filter of wanted) {
    if (!all.some((file) => file.startsWith(filter))) throw new TypeError(`No tests at '${filter}'`);
  }
  return all.filter((file) => wanted.length === 0 || wanted.some((filter) => file.startsWith(filter)));
}
