import type { Runtime } from "../runtime/runtime.ts";
import { fileError } from "./file_error.ts";
import { baseName, parentFolder } from "./location.ts";

/**
 * Removes a file of ours, and what killed writers have left of it under temporary names.
 *
 * @throws {ClerkCliAuthError} `storage` when the system fails.
 */
export async function removeOwnFile(runtime: Runtime, path: string): Promise<void> {
  const { files } = runtime;
  const name = baseName(path);
  const folder = path.slice(0, -name.length);
  try {
    await files.remove(path);
    for (const other of await files.list(parentFolder(runtime, path))) {
      if (isTemporary(other, name)) await files.remove(folder + other);
    }
  } catch (error) {
    throw fileError("remove", path, error);
  }
}

function isTemporary(name: string, of: string): boolean {
  return name.startsWith(`${of}.`) && /^\.[\w-]{16}\.tmp$/.test(name.slice(of.length));
}
