/**
 * Asks the npm registry for known vulnerabilities in everything that the published package can bring along.
 *
 *     deno task audit
 *
 * @module
 */
import { lockPublished, PUBLISHED_PROJECT } from "./npm/lock_published.ts";

if (import.meta.main) Deno.exit(await audit());

async function audit(): Promise<number> {
  const packages = Object.keys(await lockPublished());
  console.log(`Asking about ${packages.length} packages`);
  const { code } = await new Deno.Command("npm", {
    args: ["audit"],
    cwd: PUBLISHED_PROJECT,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return code;
}
