import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The most lock files that stay: the holder tidies up when there are twice as many as it keeps. */
const MAX_NUMBERS = 64;

/** What stays after a logout, as documented: the locks with their numbers, and a logout notice without a secret. */
const KEPT = /^credentials@default\.json(?:\.ended|(?:\.login)?\.lock\/(?:[1-9]\d*|floor))$/;

/** What killed processes leave of a lock until the next cleanup. */
const UNTIDIED =
  /^credentials@default\.json(?:\.login)?\.lock\/(?:[\w-]+\.(?:live|next)|floor\.[\w-]+\.tmp)$/;

/** The files of an application, after a logout, that should not be there. */
export async function leftoversIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  const strange = files.filter((name) => !KEPT.test(name) && !UNTIDIED.test(name));
  const locks = Map.groupBy(files.filter((name) => name.includes(".lock/")), (name) => name.split("/")[0]!);
  const full = [...locks].filter(([, names]) => names.length > 2 * MAX_NUMBERS)
    .map(([lock, { length }]) => `${length} files in ${lock}`);
  return [...strange, ...full];
}
