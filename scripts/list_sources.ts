import { ROOT } from "./deno_config.ts";

/** The folders of TypeScript sources; the entry points stand in the root folder. */
const FOLDERS = ["src", "tests", "scripts", "examples", "bench"];

/** Lists the TypeScript sources in some directories, by default all and the root: their paths from the root, sorted. */
export async function listSources(folders?: string[]): Promise<string[]> {
  const found = await Promise.all((folders ?? FOLDERS).map((folder) => listFolder(`${folder}/`)));
  const entries = folders === undefined ? (await listNames("")).files : [];
  return [...entries, ...found.flat()].filter((file) => file.endsWith(".ts")).sort();
}

async function listFolder(folder: string): Promise<string[]> {
  const { files, folders } = await listNames(folder);
  const inner = await Promise.all(folders.map((name) => listFolder(`${folder}${name}/`)));
  return [...files.map((name) => folder + name), ...inner.flat()];
}

async function listNames(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const names: { files: string[]; folders: string[] } = { files: [], folders: [] };
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    names[isDirectory ? "folders" : "files"].push(name);
  }
  return names;
}
