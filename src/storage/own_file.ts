import { parseJsonObject, randomToken } from "../core/encoding.ts";
import { ClerkCliAuthError } from "../core/errors.ts";
import { delay } from "../core/time.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { baseName, isWithin, parentDirectory } from "./location.ts";

/** Version of every file format this package writes. */
export const FORMAT_VERSION = 1;

interface ReadOptions<Content> {
  runtime: Runtime;
  /** Parses the text; `undefined` if it is torn, corrupt or not ours. */
  parse: (text: string) => Content | undefined;
}

/** What was found at the path of a file of ours. */
export interface OwnFile<Content> {
  /** `null` if nothing of ours is there. */
  content: Content | null;
  /** Whether something else is there: text that does not parse, or a link out of the directory. */
  isCorrupt?: boolean;
}

/** Text that does not parse and stays the same over these pauses is corrupt, not half-written. */
const TORN_PAUSES_MS = [5, 10, 20, 40, 80, 160, 320];

/**
 * Reads a file of ours. Text that does not parse is read again, as someone may be writing it, and is never moved.
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
    await delay(pauseMs);
  }
}

/** The error for a file or keychain item that a newer version of this package wrote. */
export function otherVersion(where: string): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", `A newer version of this tool wrote ${where}`, {
    action: "Update this tool",
  });
}

/** How often to look again at a file that others keep replacing. */
const MAX_LOOKS = 10;

/** Reads a file; `null` if there is none, `undefined` if it is outside its directory. */
async function readText(runtime: Runtime, path: string): Promise<string | null | undefined> {
  for (let look = 1;; look++) {
    const text = await runtime.files.readText(path);
    if (text === null) return null;
    try {
      // Equal, unless the file or a directory above it is a link.
      const target = await runtime.files.realPath(path);
      return target === path || await isInPlace(runtime, path, target) ? text : undefined;
    } catch (error) {
      // It was removed, or replaced, which some systems report the same way: look again.
      if (systemCode(error) !== "ENOENT" || look === MAX_LOOKS) throw error;
    }
  }
}

/** Whether a path is the file itself, or a link that stays within its directory. */
async function isInPlace(runtime: Runtime, path: string, target: string): Promise<boolean> {
  const { files } = runtime;
  if ((await files.inspect(path))?.kind !== "link") return true;
  return isWithin(runtime, await files.realPath(parentDirectory(runtime, path)), target);
}

export interface WriteOptions {
  /**
   * Whether to write over a file that cannot be replaced (full disk, read-only directory). A crash may then truncate
   * it, so this is for what would otherwise be lost.
   * @default false
   */
  mayOverwrite?: boolean;
}

/**
 * Writes a file of ours atomically.
 *
 * @throws {ClerkCliAuthError} `storage` if the system fails; the old content is still there.
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

/** Writes over a file. Returns whether that worked; if not, it still has its old content. */
async function overwrites({ files }: Runtime, path: string, text: string): Promise<boolean> {
  const before = await files.readText(path).catch(() => null);
  if (before === null) return false;
  try {
    await files.overwrite(path, text);
    return true;
  } catch {
    await files.overwrite(path, before).catch(() => {}); // A read-only file was never changed.
    return false;
  }
}

/**
 * Replaces a file atomically: readers see the old content or the new, even after a crash. The file, and its directory
 * if new, are private to their owner from the start.
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
    // Report the first failure. Others cannot read a temporary file that stays behind.
    await files.remove(temporary).catch(() => {});
    throw error;
  }
  // The file is in place. Not every file system can flush a directory.
  await files.syncDirectory(directory).catch(() => {});
}

/**
 * Removes a file of ours, and the temporary files of killed writers.
 *
 * @throws {ClerkCliAuthError} `storage` if the system fails.
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
  EROFS: "Set XDG_CONFIG_HOME to a writable directory",
  ENOSPC: "Free some disk space and try again",
  EDQUOT: "Free some disk space and try again",
};

/** The error for a failed system call on a file. */
export function fileError(verb: string, path: string, cause: unknown): ClerkCliAuthError {
  const code = systemCode(cause);
  const reason = code ?? (cause instanceof Error ? cause.name : "unknown");
  return new ClerkCliAuthError("storage", `Cannot ${verb} the credential file ${path} (${reason})`, {
    action: ACTIONS[code ?? ""] ?? "Check the file and its directory",
    cause,
  });
}

/** The POSIX name of an error, if it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

export function corrupt(path: string): ClerkCliAuthError {
  return new ClerkCliAuthError("storage", `The credential file ${path} is corrupt`, {
    action: "Sign in again",
  });
}
