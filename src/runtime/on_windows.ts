import type { HeldFile } from "./runtime.ts";

/** What Windows says as long as another process has the file open that is to be replaced. */
const IN_USE: readonly unknown[] = ["EPERM", "EACCES", "EBUSY"];

/** Many short pauses: where several processes read the file again and again, there are only short moments when none does. */
const MAX_TRIES = 200;
const LONGEST_PAUSE_MS = 16;

/** Renames a file over another one on Windows, where that fails while somebody reads the other one. */
export async function replaceFile(rename: () => Promise<void>): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await rename();
    } catch (error) {
      if (tries === MAX_TRIES || !IN_USE.includes((error as { code?: unknown }).code)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(tries, LONGEST_PAUSE_MS)));
  }
}

/**
 * A file that is opened again each time that it is written. On Windows one that is kept open can neither be replaced nor,
 * everywhere, be removed; and there is no want of files to open.
 */
export function byName(rewrite: () => Promise<void>): HeldFile {
  return { rewrite, close: () => Promise.resolve() };
}
