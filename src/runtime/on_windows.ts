import type { HeldFile } from "./runtime.ts";

/** Errors of Windows while another process has the file open that is to be replaced. */
const IN_USE: readonly unknown[] = ["EPERM", "EACCES", "EBUSY"];

/** Many short pauses: if several processes keep reading the file, there are only short moments when none does. */
const MAX_TRIES = 200;
const LONGEST_PAUSE_MS = 16;

/** Replaces a file by renaming, which fails on Windows while someone reads it. */
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
 * A file that is opened for each write. Windows does not run out of file descriptors, but cannot replace a file that is
 * kept open, nor always remove it.
 */
export function byName(rewrite: () => Promise<void>): HeldFile {
  return { rewrite, close: () => Promise.resolve() };
}
