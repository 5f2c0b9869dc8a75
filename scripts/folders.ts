import { rm } from "node:fs/promises";

/** Removes a directory and its content, if it exists. */
export async function removeFolder(folder: URL): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Empties a directory, or creates it. */
export async function emptyFolder(folder: URL): Promise<void> {
  await removeFolder(folder);
  await Deno.mkdir(folder, { recursive: true });
}

export async function writeJson(file: URL, content: unknown): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(content, null, 2) + "\n");
}
