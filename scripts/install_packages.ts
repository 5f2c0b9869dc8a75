import { run } from "./run.ts";

/**
 * Installs npm packages, given by version or file, into a directory of their own; `overrides` replaces what they depend on.
 * Does nothing if the same packages are installed already.
 */
export async function installPackages(
  folder: URL,
  dependencies: Readonly<Record<string, string>>,
  { overrides }: { overrides?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const manifest = JSON.stringify({ private: true, type: "module", dependencies, overrides }, null, 2);
  // Written last, so that it also says that the installation came to its end.
  const stamp = new URL("node_modules/.installed.json", folder);
  if (await Deno.readTextFile(stamp).catch(() => "") === manifest) return;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(new URL("package.json", folder), manifest);
  await run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], { cwd: folder });
  await Deno.writeTextFile(stamp, manifest);
}
