import { ClerkCliAuthError } from "../core/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { fileError, systemCode } from "./file_error.ts";
import { isWithin, parentFolder } from "./location.ts";

/** How a file of ours is read. */
export interface ReadOptions<Content> {
  runtime: Runtime;
  /** Reads the text; `undefined` when it is torn, corrupt or not ours. */
  parse: (text: string) => Content | undefined;
  /** Hears of a file that was set aside. */
  onSetAside?: ((from: string, to: string) => void) | undefined;
}

/** What was found where a file of ours should be. */
export interface OwnFile<Content> {
  /** `null` when there is nothing of ours. */
  content: Content | null;
  /** The text of the file, where there is content. */
  text?: string;
  /** Where that went which is not ours. */
  setAside?: string;
}

/**
 * Reads a file of ours. What else stands in its place is set aside: text that cannot be read, and a link that leads
 * out of the folder, which is never followed.
 *
 * @throws {ClerkCliAuthError} `storage` when the system fails.
 */
export async function readOwnFile<Content>(
  path: string,
  { runtime, parse, onSetAside }: ReadOptions<Content>,
): Promise<OwnFile<Content>> {
  const text = await readText(runtime, path).catch((error) => {
    throw fileError("read", path, error);
  });
  if (text === null) return { content: null };
  const content = text === undefined ? undefined : parse(text);
  if (text !== undefined && content !== undefined) return { content, text };
  const { setAside } = await import("./set_aside.ts");
  const aside = await setAside(runtime, path, text);
  // Another process was faster, and reports it.
  if (aside === undefined) return { content: null };
  onSetAside?.(path, aside);
  return { content: null, setAside: aside };
}

/**
 * The content of a file that a caller cannot do without.
 *
 * @throws {ClerkCliAuthError} `storage` when it was set aside.
 */
export function required<Content>(path: string, { content, setAside }: OwnFile<Content>): Content | null {
  if (setAside === undefined) return content;
  throw corrupt(path, setAside);
}

/** The `storage` error of a file that is not what it should be. */
export function corrupt(path: string, aside: string | undefined): ClerkCliAuthError {
  const end = aside === undefined ? "" : ` and has been set aside as ${aside}`;
  return new ClerkCliAuthError("storage", `The credential file ${path} was corrupt${end}`, {
    action: "Sign in again",
  });
}

/** How often a file is looked at that others keep replacing. */
const MAX_LOOKS = 10;

/** The text of a file; `null` when nothing is there, `undefined` when it is elsewhere. */
async function readText(runtime: Runtime, path: string): Promise<string | null | undefined> {
  for (let look = 1;; look++) {
    const text = await runtime.files.readText(path);
    if (text === null) return null;
    try {
      return await isInPlace(runtime, path) ? text : undefined;
    } catch (error) {
      // What was there has gone since, by a removal or, as it seems to some systems, by a replacement: look again.
      if (systemCode(error) !== "ENOENT" || look === MAX_LOOKS) throw error;
    }
  }
}

/** One call tells it where no folder above is a link either. */
async function isInPlace(runtime: Runtime, path: string): Promise<boolean> {
  const { files } = runtime;
  const target = await files.realPath(path);
  if (target === path || (await files.inspect(path))?.kind !== "link") return true;
  return isWithin(runtime, await files.realPath(parentFolder(runtime, path)), target);
}
