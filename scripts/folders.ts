import { rm } from "node:fs/promises";

/** Removes a folder and what is in it; there may be none. */
export async function removeFolder(folder: URL): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Empties a folder, or makes it. */
export async function emptyFolder(folder: URL): Promise<void> {
  await removeFolder(folder);
  await Deno.mkdir(folder, { recursive: true });
}

/** Writes a value as JSON. */
export async function writeJson(file: URL, content: unknown): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(content, null, 2) + "\n");
}
