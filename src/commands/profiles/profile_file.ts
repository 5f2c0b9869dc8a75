import { parseProfile } from "../../client/command_access.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";

/**
 * The profile that a file in the working folder names; `undefined` where there is none. The folder may be a stranger's, and
 * the file a link to a secret or a device: it is not followed, and what is no name is not shown.
 *
 * @throws {ClerkCliAuthError} `config` when there is something else than a file with a name in it.
 */
export async function readProfileFile({ files }: Runtime, path: string): Promise<string | undefined> {
  try {
    const found = await files.inspect(path);
    if (found === null) return undefined;
    const text = found.kind === "file" ? await files.readText(path) : null;
    if (text === "") return undefined;
    return parseProfile(text?.trim() ?? "");
  } catch {
    throw new ClerkCliAuthError("config", `The file ${path} in this folder names no profile`, {
      action: "Put the name of a profile into it, or remove it",
    });
  }
}
