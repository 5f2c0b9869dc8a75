import type { Runtime } from "../runtime/runtime.ts";
import { fileError } from "./file_error.ts";
import { writeAtomically } from "./write_atomically.ts";

/** How a file of ours is written. */
export interface WriteOptions {
  /**
   * Whether a file that cannot be replaced, on a full disk or in a folder that has become read-only, is written over: for
   * what would be lost otherwise, as the file may then be cut off in the middle.
   * @default false
   */
  mayOverwrite?: boolean;
}

/**
 * Writes a file of ours as a whole.
 *
 * @throws {ClerkCliAuthError} `storage` when the system fails; what stood there before stands there still.
 */
export async function writeOwnFile(
  runtime: Runtime,
  path: string,
  text: string,
  { mayOverwrite = false }: WriteOptions = {},
): Promise<void> {
  try {
    await writeAtomically(runtime, path, text);
  } catch (error) {
    if (!mayOverwrite || !await overwrites(runtime, path, text)) throw fileError("write", path, error);
  }
}

/** Writes over a file; gives whether that worked. If not, it holds what it held before. */
async function overwrites({ files }: Runtime, path: string, text: string): Promise<boolean> {
  const before = await files.readText(path).catch(() => null);
  if (before === null) return false;
  try {
    await files.overwrite(path, text);
    return true;
  } catch {
    await files.overwrite(path, before).catch(() => {}); // It may be read-only itself: then nothing has happened to it.
    return false;
  }
}
