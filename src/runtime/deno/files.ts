import { byName, replaceFile } from "../on_windows.ts";
import type { CreateOptions, Files, HeldFile, Inspection } from "../runtime.ts";
import type { DenoApi, DenoFile, DenoFileInfo, PermissionDescriptor } from "./api.ts";

declare const Deno: DenoApi;

export const files: Files = {
  readText: (path) => orAbsent(() => Deno.readTextFileSync(path), null),
  createExclusive: async (path, text, options) =>
    isOthers(path)
      ? await (await nodeFiles()).createExclusive(path, text, options)
      : await coded(() => createExclusive(path, text, options)),
  createHeld: async (path, text, options) =>
    isOthers(path)
      ? await (await nodeFiles()).createHeld(path, text, options)
      : await coded(() => createHeld(path, text, options)),
  overwrite: (path, text) => coded(() => overwrite(path, text)),
  rename: (from, to) => isWindows() ? replaceFile(() => rename(from, to)) : rename(from, to),
  link: (existing, path) => coded(() => Deno.linkSync(existing, path)),
  syncDirectory: (path) => coded(() => syncDirectory(path)),
  remove: (path) => orAbsent(() => remove(path), false),
  makeDirectory: async (path, options) =>
    isOthers(path)
      ? await (await nodeFiles()).makeDirectory(path, options)
      : await coded(() => Deno.mkdirSync(path, { recursive: true, mode: options.mode })),
  list: (path) => orAbsent(() => Array.from(Deno.readDirSync(path), ({ name }) => name), []),
  modifiedAt: (path) => orAbsent(() => modifiedAt(path), null),
  inspect: (path) => orAbsent(() => inspect(path), null),
  realPath: (path) => coded(() => Deno.realPathSync(path)),
};

/**
 * An open file of Deno cannot be given to another user. Node's `files` give what root creates to the owner of the
 * directory.
 */
async function nodeFiles(): Promise<Files> {
  return (await import("../node/files.ts")).files;
}

/** Whether we are root, but the nearest directory above `path` that exists belongs to another user. */
function isOthers(path: string): boolean {
  if (!isPermitted({ name: "sys", kind: "uid" }) || Deno.uid() !== 0) return false;
  for (let nearest = path; nearest !== "." && nearest !== "/";) {
    nearest = nearest.replace(/\/?[^/]*$/, "") || (path.startsWith("/") ? "/" : ".");
    if (!isPermitted({ name: "read", path: nearest })) return false;
    try {
      return Deno.statSync(nearest).uid !== 0;
    } catch (error) {
      if ((error as Error).name !== "NotFound") return false; // Creating it will report why.
    }
  }
  return false;
}

/** Runs a synchronous call as a promise: faster for small files in a process that does little else. */
function coded<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(withPosixCode(call)));
}

/** Runs a call; `absent` if the file or directory does not exist. */
function orAbsent<T, Absent>(call: () => T, absent: Absent): Promise<T | Absent> {
  return coded(call).catch((error) => {
    if (error.code === "ENOENT") return absent;
    throw error;
  });
}

function createExclusive(path: string, text: string, { mode, flush = true }: CreateOptions): void {
  const file = Deno.openSync(path, { write: true, createNew: true, mode });
  try {
    writeAll(file, new TextEncoder().encode(text));
    if (flush) file.syncSync();
  } catch (error) {
    Deno.removeSync(path); // It is ours: `createNew` created it.
    throw error;
  } finally {
    file.close();
  }
}

function createHeld(path: string, text: string, { mode }: { mode: number }): HeldFile {
  if (isWindows()) {
    createExclusive(path, text, { mode, flush: false });
    return byName(() => coded(() => overwrite(path, text)));
  }
  const file = Deno.openSync(path, { write: true, createNew: true, mode });
  const bytes = new TextEncoder().encode(text);
  try {
    writeAll(file, bytes);
  } catch (error) {
    file.close();
    Deno.removeSync(path); // It is ours: `createNew` created it.
    throw error;
  }
  const rewrite = () => {
    file.seekSync(0, 0);
    writeAll(file, bytes);
    file.syncDataSync();
  };
  return { rewrite: () => coded(rewrite), close: () => coded(() => file.close()) };
}

function modifiedAt(path: string): number {
  const file = Deno.openSync(path, { read: true });
  try {
    return file.statSync().mtime?.getTime() ?? 0;
  } finally {
    file.close();
  }
}

function rename(from: string, to: string): Promise<void> {
  return coded(() => Deno.renameSync(from, to));
}

function overwrite(path: string, text: string): void {
  const bytes = new TextEncoder().encode(text);
  const file = Deno.openSync(path, { write: true });
  try {
    writeAll(file, bytes);
    file.truncateSync(bytes.length);
    file.syncSync();
  } finally {
    file.close();
  }
}

function writeAll(file: DenoFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}

function syncDirectory(path: string): void {
  if (isWindows()) return; // Windows cannot open a directory for this.
  const directory = Deno.openSync(path, { read: true });
  try {
    directory.syncSync();
  } finally {
    directory.close();
  }
}

function remove(path: string): true {
  Deno.removeSync(path);
  return true;
}

function inspect(path: string): Inspection {
  const info = Deno.lstatSync(path);
  return { kind: kindOf(info), mode: isWindows() ? 0 : (info.mode ?? 0) & 0o777 };
}

function kindOf(info: DenoFileInfo): Inspection["kind"] {
  if (info.isFile) return "file";
  if (info.isDirectory) return "directory";
  return info.isSymlink ? "link" : "other";
}

function isWindows(): boolean {
  return Deno.build.os === "windows";
}

/** Deno's errors that may lack a POSIX code, by name. */
const CODE_BY_NAME: Record<string, string> = {
  AddrInUse: "EADDRINUSE",
  AlreadyExists: "EEXIST",
  ConnectionRefused: "ECONNREFUSED",
  ConnectionReset: "ECONNRESET",
  IsADirectory: "EISDIR",
  NotADirectory: "ENOTDIR",
  NotCapable: "EACCES",
  NotFound: "ENOENT",
  PermissionDenied: "EACCES",
};

/** Calls into Deno. Errors without a `code` get their POSIX one. */
export function withPosixCode<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw addPosixCode(error);
  }
}

/** Adds its POSIX code to a Deno error that has none. */
export function addPosixCode(error: unknown): unknown {
  if (!(error instanceof Error) || "code" in error && error.code !== undefined) return error;
  const code = CODE_BY_NAME[error.name];
  return code === undefined ? error : Object.assign(error, { code });
}

/** Whether something is already permitted. Never prompts; using what is not permitted may. */
export function isPermitted(descriptor: PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/**
 * Requires that something is already permitted.
 *
 * @throws {Error} `EACCES`, with the flag that would permit it.
 */
export function requirePermission(descriptor: PermissionDescriptor): void {
  if (isPermitted(descriptor)) return;
  const { name, ...value } = descriptor;
  const error = new Error(`Not permitted: --allow-${name}=${Object.values(value)}`);
  throw Object.assign(error, { code: "EACCES" });
}
