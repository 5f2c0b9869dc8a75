import { emptyFolder, writeJson } from "./folders.ts";
import { run } from "./run.ts";

/** The only package that may run a script: Bun's, which puts its binary in place. */
const WITH_SCRIPTS = "--allow-scripts=npm:bun";

/**
 * Installs npm packages, given by version, into their own directory; `overrides` replaces their dependencies. Does
 * nothing if the same packages are already installed.
 *
 * Deno links to what it has downloaded. npm would unpack everything again, which takes ten times as long.
 */
export async function installPackages(
  folder: URL,
  dependencies: Readonly<Record<string, string>>,
  { overrides }: { overrides?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const manifest = { private: true, type: "module", dependencies, overrides };
  const modules = new URL("node_modules/", folder);
  // Written last, so that it also proves a complete installation.
  const stamp = new URL(".installed.json", modules);
  if (await Deno.readTextFile(stamp).catch(() => "") === JSON.stringify(manifest)) return;
  await emptyFolder(modules);
  await writeJson(new URL("package.json", folder), manifest);
  const options = ["--quiet", "--no-lock", "--node-modules-dir=manual", WITH_SCRIPTS];
  await run(Deno.execPath(), ["install", ...options], { cwd: folder });
  await Deno.writeTextFile(stamp, JSON.stringify(manifest));
}
