import { run } from "./run.ts";

/** How {@linkcode installPackages} installs. */
export interface InstallOptions {
  /** What takes the place of packages that others depend on. */
  overrides?: Readonly<Record<string, string>>;
  /**
   * Whether the packages may run scripts.
   * @default true
   */
  runsScripts?: boolean;
}

/**
 * Installs npm packages, given by version or file, into a directory of their own. Does nothing if the same packages are
 * installed already.
 */
export async function installPackages(
  folder: URL,
  dependencies: Readonly<Record<string, string>>,
  { overrides, runsScripts = true }: InstallOptions = {},
): Promise<void> {
  const manifest = JSON.stringify({ private: true, type: "module", dependencies, overrides }, null, 2);
  // Written last, so that it also says that the installation came to its end.
  const stamp = new URL("node_modules/.installed.json", folder);
  if (await readIfThere(stamp) === manifest) return;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(new URL("package.json", folder), manifest);
  const options = [
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    ...(runsScripts ? [] : ["--ignore-scripts"]),
  ];
  await run("npm", ["install", ...options], { cwd: folder });
  await Deno.writeTextFile(stamp, manifest);
}

async function readIfThere(file: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
