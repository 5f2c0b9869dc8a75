import { builtin, process } from "./builtins.ts";

interface Stats {
  readonly uid: number;
  readonly gid: number;
  isDirectory(): boolean;
}

interface FileSystem {
  readonly constants: { readonly O_DIRECTORY: number; readonly O_NOFOLLOW: number };
  closeSync(file: number): void;
  existsSync(path: string): boolean;
  fchownSync(file: number, uid: number, gid: number): void;
  mkdirSync(path: string, options: { mode: number }): void;
  openSync(path: string, flags: number): number;
  statSync(path: string): Stats;
}

/** Whether this process is root: under `sudo`, or in a container, perhaps with a user's home directory. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * Gives a file that root just created to the owner of its directory, who could not use it otherwise. Uses the open
 * file: its path may lead to something else by now.
 */
export function giveToOwner(file: number, path: string): void {
  const { uid, gid } = fs().statSync(directoryOf(path));
  if (uid === 0) return;
  try {
    fs().fchownSync(file, uid, gid);
  } catch {
    // Not permitted: a container's root is not everybody's. The file stays root's.
  }
}

/** Makes a directory and its parents. Each belongs to the owner of the one above. */
export function makeDirectoryForOwner(path: string, mode: number): void {
  const parent = directoryOf(path);
  if (!fs().existsSync(parent)) makeDirectoryForOwner(parent, mode);
  try {
    fs().mkdirSync(path, { mode });
  } catch (error) {
    if ((error as { code?: unknown }).code === "EEXIST" && fs().statSync(path).isDirectory()) return;
    throw error;
  }
  const { O_DIRECTORY, O_NOFOLLOW } = fs().constants;
  const directory = fs().openSync(path, O_DIRECTORY | O_NOFOLLOW);
  try {
    giveToOwner(directory, path);
  } finally {
    fs().closeSync(directory);
  }
}

function directoryOf(path: string): string {
  return builtin<{ dirname(path: string): string }>("node:path").dirname(path);
}

function fs(): FileSystem {
  return builtin<FileSystem>("node:fs");
}
