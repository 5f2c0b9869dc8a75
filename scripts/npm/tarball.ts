import { createHash } from "node:crypto";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { emptyFolder } from "../folders.ts";
import { run } from "../run.ts";

/** Packs the npm package as it is published, under a name that identifies its content. Returns the name. */
export async function packPackage(from: URL, to: URL): Promise<string> {
  const args = ["pack", "--silent", "--pack-destination", fileURLToPath(to)];
  const name = (await run("npm", args, { cwd: from })).trim();
  const hash = createHash("sha256").update(await Deno.readFile(new URL(name, to))).digest("hex");
  const named = name.replace(/\.tgz$/, `-${hash.slice(0, 16)}.tgz`);
  await Deno.rename(new URL(name, to), new URL(named, to));
  return named;
}

/**
 * Unpacks it where a program finds it, such as `node_modules/@clerk/cli-auth/`, which is emptied first. npm would go
 * through everything next to it.
 */
export async function unpackPackage(tarball: URL, to: URL): Promise<void> {
  await emptyFolder(to);
  // Relative paths: on Windows, some tar programs take the drive of an absolute one for a host.
  const path = relative(fileURLToPath(to), fileURLToPath(tarball));
  await run("tar", ["-xzf", path, "--strip-components=1"], { cwd: to });
}
