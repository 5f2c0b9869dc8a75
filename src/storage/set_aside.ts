import type { Runtime } from "../runtime/runtime.ts";
import { fileError, systemCode } from "./file_error.ts";

/**
 * Gives a file that is not ours another name, one that is free.
 *
 * @param text What was read and found wanting; a file that holds something else by now is left where it is.
 * @returns The name; `undefined` when it is not there any more, as another process was faster.
 * @throws {ClerkCliAuthError} `storage` when it cannot be renamed.
 */
export async function setAside(
  runtime: Runtime,
  path: string,
  text?: string,
): Promise<string | undefined> {
  try {
    const aside = await freeName(runtime, `${path}.corrupt`);
    await runtime.files.rename(path, aside);
    if (text === undefined || await runtime.files.readText(aside) === text) return aside;
    await putBack(runtime, aside, path);
    return undefined;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw fileError("set aside", path, error);
  }
}

/** A login has replaced the file meanwhile: what it wrote belongs there, unless an even later one did the same. */
async function putBack({ files }: Runtime, aside: string, path: string): Promise<void> {
  await files.link(aside, path).catch((error) => {
    if (systemCode(error) !== "EEXIST") throw error;
  });
  await files.remove(aside);
}

async function freeName({ files }: Runtime, wanted: string): Promise<string> {
  let name = wanted;
  for (let count = 2; await files.inspect(name) !== null; count++) name = `${wanted}.${count}`;
  return name;
}
