import { readdir } from "node:fs/promises";
import { ROOT } from "./deno_config.ts";

/** Directories of TypeScript sources. The entry points are in the root directory. */
const FOLDERS = ["src", "tests", "scripts", "examples", "bench"];

/** Lists the TypeScript sources in some directories, by default in all and the root: sorted paths from the root. */
export async function listSources(folders?: string[]): Promise<string[]> {
  const inFolders = await Promise.all(
    (folders ?? FOLDERS).map(async (folder) =>
      (await listFiles(new URL(`${folder}/`, ROOT))).map((file) => `${folder}/${file}`)
    ),
  );
  const inRoot = folders === undefined ? await readdir(ROOT) : [];
  return [...inRoot, ...inFolders.flat()].filter((file) => file.endsWith(".ts")).sort();
}

/** Lists the content of a directory, recursively. */
export async function listFiles(folder: URL): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).map((file) => file.replaceAll("\\", "/"));
}
