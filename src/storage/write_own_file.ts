import type { Runtime } from "../runtime/runtime.ts";
import { fileError } from "./file_error.ts";
import { writeAtomically } from "./write_atomically.ts";

/**
 * Writes a file of ours as a whole.
 *
 * @throws {ClerkCliAuthError} `storage` when the system fails; what stood there before stands there still.
 */
export async function writeOwnFile(runtime: Runtime, path: string, text: string): Promise<void> {
  await writeAtomically(runtime, path, text).catch((error) => {
    throw fileError("write", path, error);
  });
}
