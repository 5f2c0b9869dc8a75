import { byName, replaceFile } from "../on_windows.ts";
import type { CreateOptions, Files, HeldFile, Inspection } from "../runtime.ts";
import { builtin, process } from "./builtins.ts";
import { giveToOwner, isRoot, makeDirectoryForOwner } from "./ownership.ts";

interface Stats {
  readonly mode: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

interface FileSystem {
  closeSync(file: number): void;
  fdatasyncSync(file: number): void;
  fstatSync(file: number): { readonly mtimeMs: number };
  fsyncSync(file: number): void;
  ftruncateSync(file: number, length: number): void;
  linkSync(existing: string, path: string): void;
  lstatSync(path: string): Stats;
  mkdirSync(path: string, options: { recursive: boolean; mode: number }): void;
  openSync(path: string, flags: string, mode?: number): number;
  readFileSync(path: string, encoding: "utf8"): string;
  readdirSync(path: string): string[];
  realpathSync: { native(path: string): string };
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
  writeFileSync(file: number, text: Uint8Array | string): void;
  writeSync(file: number, text: string, position: number): number;
}

const isWindows = process.platform === "win32";

export const files: Files = {
  readText: (path) => unlessAbsent(() => fs().readFileSync(path, "utf8"), null),
  createExclusive: (path, text, options) => promised(() => createExclusive(path, text, options)),
  createHeld: (path, text, options) => promised(() => createHeld(path, text, options)),
  overwrite: (path, text) => promised(() => overwrite(path, text)),
  rename: (from, to) => isWindows ? replaceFile(() => rename(from, to)) : rename(from, to),
  link: (existing, path) => promised(() => fs().linkSync(existing, path)),
  syncDirectory: (path) => promised(() => syncDirectory(path)),
  remove: (path) => unlessAbsent(() => remove(path), false),
  makeDirectory: (path, { mode }) => promised(() => makeDirectory(path, mode)),
  list: (path) => unlessAbsent(() => fs().readdirSync(path), []),
  modifiedAt: (path) => unlessAbsent(() => modifiedAt(path), null),
  inspect: (path) => unlessAbsent(() => inspect(path), null),
  realPath: (path) => promised(() => fs().realpathSync.native(path)),
};

/** Loaded when used: in Bun, this module costs more than everything else on the way to a stored token. */
function fs(): FileSystem {
  return builtin<FileSystem>("node:fs");
}

/** Runs a synchronous call as a promise: faster for small files in a process that does little else. */
function promised<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}

/** Runs a call; `absent` if the file or directory does not exist. */
export async function unlessAbsent<T, Absent>(
  call: () => T | Promise<T>,
  absent: Absent,
): Promise<T | Absent> {
  try {
    return await call();
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return absent;
    throw error;
  }
}

/** Creates a file that must not exist, following no link. */
function create(path: string, mode: number): number {
  const file = fs().openSync(path, "wx", mode);
  if (isRoot()) giveToOwner(file, path);
  return file;
}

function createExclusive(path: string, text: string, { mode, flush = true }: CreateOptions): void {
  const file = create(path, mode);
  try {
    fs().writeFileSync(file, text);
    if (flush) fs().fsyncSync(file);
  } catch (error) {
    fs().unlinkSync(path); // It is ours: `wx` created it.
    throw error;
  } finally {
    fs().closeSync(file);
  }
}

function createHeld(path: string, text: string, { mode }: { mode: number }): HeldFile {
  if (isWindows) {
    createExclusive(path, text, { mode, flush: false });
    return byName(() => promised(() => overwrite(path, text)));
  }
  const file = create(path, mode);
  const write = () => void fs().writeSync(file, text, 0);
  try {
    write();
  } catch (error) {
    fs().closeSync(file);
    fs().unlinkSync(path); // It is ours: `wx` created it.
    throw error;
  }
  const rewrite = () => {
    write();
    fs().fdatasyncSync(file);
  };
  return { rewrite: () => promised(rewrite), close: () => promised(() => fs().closeSync(file)) };
}

function modifiedAt(path: string): number {
  const file = fs().openSync(path, "r");
  try {
    return fs().fstatSync(file).mtimeMs;
  } finally {
    fs().closeSync(file);
  }
}

function rename(from: string, to: string): Promise<void> {
  return promised(() => fs().renameSync(from, to));
}

function overwrite(path: string, text: string): void {
  const bytes = new TextEncoder().encode(text);
  const file = fs().openSync(path, "r+");
  try {
    fs().writeFileSync(file, bytes);
    fs().ftruncateSync(file, bytes.length);
    fs().fsyncSync(file);
  } finally {
    fs().closeSync(file);
  }
}

function syncDirectory(path: string): void {
  if (isWindows) return; // Windows cannot open a directory for this.
  const directory = fs().openSync(path, "r");
  try {
    fs().fsyncSync(directory);
  } finally {
    fs().closeSync(directory);
  }
}

function makeDirectory(path: string, mode: number): void {
  if (isRoot()) makeDirectoryForOwner(path, mode);
  else fs().mkdirSync(path, { recursive: true, mode });
}

function remove(path: string): true {
  fs().unlinkSync(path);
  return true;
}

function inspect(path: string): Inspection {
  const stats = fs().lstatSync(path);
  return { kind: kindOf(stats), mode: isWindows ? 0 : stats.mode & 0o777 };
}

function kindOf(stats: Stats): Inspection["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "link" : "other";
}
