import { createHash } from "node:crypto";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { emptyFolder } from "../folders.ts";
import { run } from "../run.ts";

/**
 * Packs the npm package as it is published, under a name that says what is in it.
 *
 * @param from The folder of the package.
 * @param to The folder of the tarball.
 * @returns The name of the tarball.
 */
export async function packPackage(from: URL, to: URL): Promise<string> {
  const args = ["pack", "--silent", "--pack-destination", fileURLToPath(to)];
  const name = (await run("npm", args, { cwd: from })).trim();
  const hash = createHash("sha256").update(await Deno.readFile(new URL(name, to))).digest("hex");
  const named = name.replace(/\.tgz$/, `-${hash.slice(0, 16)}.tgz`);
  await Deno.rename(new URL(name, to), new URL(named, to));
  return named;
}

/**
 * Unpacks it where a program finds it, such as `node_modules/@clerk/cli-auth/`. npm would go through all that is beside it.
 *
 * @param tarball The tarball.
 * @param to The folder of the package, which is emptied.
 */
export async function unpackPackage(tarball: URL, to: URL): Promise<void> {
  await emptyFolder(to);
  // Relative paths: some programs of that name take the drive of an absolute one on Windows for a host.
  const path = relative(fileURLToPath(to), fileURLToPath(tarball));
  await run("tar", ["-xzf", path, "--strip-components=1"], { cwd: to });
}
