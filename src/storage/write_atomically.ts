import { randomToken } from "../core/random.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { parentFolder } from "./location.ts";

/**
 * Replaces a file as a whole: whoever reads it, also after a crash, finds the old text or the new one. The file is
 * private to its owner from its creation, and so is its folder where it must be made.
 */
export async function writeAtomically(runtime: Runtime, path: string, text: string): Promise<void> {
  const { files } = runtime;
  const folder = parentFolder(runtime, path);
  const temporary = `${path}.${randomToken(runtime.randomBytes).slice(0, 16)}.tmp`;
  await files.makeFolder(folder, { mode: 0o700 });
  try {
    await files.createExclusive(temporary, text, { mode: 0o600 });
    await files.rename(temporary, path);
  } catch (error) {
    // The first failure is the one to report; a temporary file that cannot be removed holds nothing others can read.
    await files.remove(temporary).catch(() => {});
    throw error;
  }
  // The file is in place: where a file system cannot flush a folder, that is no failure to write.
  await files.syncFolder(folder).catch(() => {});
}
