import { parseJsonObject, randomToken } from "../core/encoding.ts";
import { ClerkCliAuthError } from "../core/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { baseName, isWithin, parentDirectory } from "./location.ts";

/** The version of every format that this package writes. */
export const FORMAT_VERSION = 1;

/** How a file of ours is read. */
interface ReadOptions<Content> {
  runtime: Runtime;
  /** Reads the text; `undefined` if it is torn, corrupt or not ours. */
  parse: (text: string) => Content | undefined;
}

/** What was found where a file of ours should be. */
export interface OwnFile<Content> {
  /** `null` if there is nothing of ours. */
  content: Content | null;
  /** Whether something else is there: text that makes no sense, or a link that leads out of the directory. */
  isCorrupt?: boolean;
}

/** How long a text that makes no sense must stay the same to be no work in progress, in milliseconds. */
const TORN_PAUSES_MS = [5, 10, 20, 40, 80, 160, 320];

/**
 * Reads a file of ours. What makes no sense is read again, as somebody may be writing it, and never moved.
 *
 * @throws {ClerkCliAuthError} `storage` if the system fails, or a newer version of this package wrote the file.
 */
export async function readOwnFile<Content>(
  path: string,
  { runtime, parse }: ReadOptions<Content>,
): Promise<OwnFile<Content>> {
  let before: string | undefined;
  for (let look = 0;; look++) {
    const text = await readText(runtime, path).catch((error) => {
      throw fileError("read", path, error);
    });
    if (text === null) return { content: null };
    const content = text === undefined ? undefined : parse(text);
    if (content !== undefined) return { content };
    const version = text === undefined ? null : parseJsonObject(text)?.version;
    if (typeof version === "number" && version !== FORMAT_VERSION) throw otherVersion(path);
    if (text !== before) look = 0;
    before = text;
    const pauseMs = TORN_PAUSES_MS[look];
    if (version !== undefined || pauseMs === undefined) return { content: null, isCorrupt: true };
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** The `storage` error of a file or keychain item that a newer version of this package wrote. */
export function otherVersion(where: string): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", `A newer version of this tool wrote ${where}`, {
    action: "Update this tool",
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
      // This alone tells it where no directory above is a link either.
      const target = await runtime.files.realPath(path);
      return target === path || await isInPlace(runtime, path, target) ? text : undefined;
    } catch (error) {
      // What was there has gone since, by a removal or, as it seems to some systems, by a replacement: look again.
      if (systemCode(error) !== "ENOENT" || look === MAX_LOOKS) throw error;
    }
  }
}

/** Whether a path is a file of its own, or a link that stays within its directory. */
async function isInPlace(runtime: Runtime, path: string, target: string): Promise<boolean> {
  const { files } = runtime;
  if ((await files.inspect(path))?.kind !== "link") return true;
  return isWithin(runtime, await files.realPath(parentDirectory(runtime, path)), target);
}

/** How a file of ours is written. */
export interface WriteOptions {
  /**
   * Whether a file that cannot be replaced, on a full disk or in a directory that has become read-only, is written
   * over: for what would be lost otherwise, as the file may then be cut off in the middle.
   * @default false
   */
  mayOverwrite?: boolean;
}

/**
 * Writes a file of ours atomically.
 *
 * @throws {ClerkCliAuthError} `storage` when the system fails; what was there before is still there.
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

/**
 * Replaces a file atomically: readers see the old content or the new, even after a crash. The file is private to its
 * owner from the start, and so is its directory if it has to be created.
 */
export async function writeAtomically(runtime: Runtime, path: string, text: string): Promise<void> {
  const { files } = runtime;
  const directory = parentDirectory(runtime, path);
  const temporary = `${path}.${randomToken(runtime.randomBytes).slice(0, 16)}.tmp`;
  await files.makeDirectory(directory, { mode: 0o700 });
  try {
    await files.createExclusive(temporary, text, { mode: 0o600 });
    await files.rename(temporary, path);
  } catch (error) {
    // The first failure is the one to report; a temporary file that cannot be removed holds nothing others can read.
    await files.remove(temporary).catch(() => {});
    throw error;
  }
  // The file is in place: where a file system cannot flush a directory, that is no failure to write.
  await files.syncDirectory(directory).catch(() => {});
}

/**
 * Removes a file of ours, and what killed writers have left of it under temporary names.
 *
 * @throws {ClerkCliAuthError} `storage` when the system fails.
 */
export async function removeOwnFile(runtime: Runtime, path: string): Promise<void> {
  const { files } = runtime;
  const name = baseName(path);
  const directory = path.slice(0, -name.length);
  try {
    await files.remove(path);
    for (const other of await files.list(parentDirectory(runtime, path))) {
      if (isTemporary(other, name)) await files.remove(directory + other);
    }
  } catch (error) {
    throw fileError("remove", path, error);
  }
}

function isTemporary(name: string, of: string): boolean {
  return name.startsWith(`${of}.`) && /^\.[\w-]{16}\.tmp$/.test(name.slice(of.length));
}

const ACTIONS: Record<string, string> = {
  EACCES: "Check who owns the file and its directory",
  EPERM: "Check who owns the file and its directory",
  EROFS: "Set XDG_CONFIG_HOME to a directory that can be written to",
  ENOSPC: "Free some disk space and try again",
  EDQUOT: "Free some disk space and try again",
};

/** The `storage` error of a system call that failed on a file. */
export function fileError(verb: string, path: string, cause: unknown): ClerkCliAuthError {
  const code = systemCode(cause);
  const reason = code ?? (cause instanceof Error ? cause.name : "unknown");
  return new ClerkCliAuthError("storage", `Cannot ${verb} the credential file ${path} (${reason})`, {
    action: ACTIONS[code ?? ""] ?? "Check the file and its directory",
    cause,
  });
}

/** The POSIX name of a failure, where it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** The `storage` error of a file that is not what it should be. */
export function corrupt(path: string): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", `The credential file ${path} is corrupt`, {
    action: "Sign in again",
  });
}
