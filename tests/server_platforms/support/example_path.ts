import { join } from "node:path";
import { fileURLToPath } from "node:url";

const EXAMPLES = fileURLToPath(new URL("../../../examples/deploy/", import.meta.url));

/** The path of a deploy example. */
export function examplePath(path: string): string {
  return join(EXAMPLES, path);
}
