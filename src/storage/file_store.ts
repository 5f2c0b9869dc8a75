import { parseJsonObject } from "../core/encoding.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { parentDirectory, sealedKeyIds } from "./location.ts";
import { corrupt, fileError, FORMAT_VERSION, readOwnFile, type WriteOptions } from "./own_file.ts";
import type { EntryStore } from "./store.ts";

export interface FileStoreOptions {
  runtime: Runtime;
  path: string;
  /** Retires an entry of the sealed files next to this one: it must not count again once this file is gone. */
  retireSealed?: (key: string) => Promise<void>;
}

/** Creates a store in one file, in the clear, that only its owner can read. */
export function fileStore(options: FileStoreOptions): EntryStore {
  const file = new PlainFile(options);
  const turns = new Turns(); // Each update rewrites all entries.

  const set = (key: string, value: string, how?: WriteOptions) =>
    turns.take(async () => {
      const entries = await file.readToReplace();
      const isFirst = entries.size === 0;
      await file.write(entries.set(key, value), how);
      if (isFirst && (await listSealedKeyIds(options)).length > 0) await options.retireSealed?.(key);
    });

  return {
    get: async (key) => (await file.read())?.get(key) ?? null,
    set,
    delete: (key) =>
      turns.take(async () => {
        const entries = await file.readToReplace();
        entries.delete(key);
        await file.write(entries);
      }),
    saveLogin: (key, value) => set(key, value),
    describe: () => Promise.resolve({ location: options.path, protection: "none" }),
  };
}

/** Lists the key ids of all sealed files of the same credentials. */
export async function listSealedKeyIds({ runtime, path }: FileStoreOptions): Promise<string[]> {
  const names = await runtime.files.list(parentDirectory(runtime, path)).catch((error) => {
    throw fileError("look beside", path, error);
  });
  return sealedKeyIds(path, names);
}

/**
 * The credential file in the clear. While it exists, sealed files are ignored, so two runs that see different keychains
 * agree on what is stored.
 */
export class PlainFile {
  readonly #options: FileStoreOptions;

  constructor(options: FileStoreOptions) {
    this.#options = options;
  }

  /**
   * Reads the file; `null` if it has no entries.
   *
   * @throws {ClerkCliAuthError} `storage` if it is corrupt or unreadable.
   */
  async read(): Promise<CredentialEntries | null> {
    const { content, isCorrupt } = await this.#read();
    if (isCorrupt) throw corrupt(this.#options.path);
    return content && content.size > 0 ? content : null;
  }

  /** Reads the file before a write: a corrupt one counts as empty. */
  async readToReplace(): Promise<CredentialEntries> {
    return (await this.#read()).content ?? new Map();
  }

  /** Writes the file, or removes it if there are no entries. */
  async write(entries: CredentialEntries, options?: WriteOptions): Promise<void> {
    const { runtime, path } = this.#options;
    const { removeOwnFile, writeOwnFile } = await import("./own_file.ts");
    if (entries.size === 0) await removeOwnFile(runtime, path);
    else await writeOwnFile(runtime, path, formatCredentialFile(entries), options);
  }

  #read() {
    const { runtime, path } = this.#options;
    return readOwnFile(path, { runtime, parse: parseCredentialFile });
  }
}

export type CredentialEntries = Map<string, string>;

/** Parses a credential file; `undefined` if it is torn, corrupt or of another kind. */
export function parseCredentialFile(text: string): CredentialEntries | undefined {
  const file = parseJsonObject(text);
  return file?.version === FORMAT_VERSION ? parseEntries(file.entries) : undefined;
}

export function formatCredentialFile(entries: CredentialEntries): string {
  return `${JSON.stringify({ version: FORMAT_VERSION, entries: Object.fromEntries(entries) })}\n`;
}

/** Reads a JSON object whose values are strings; `undefined` if it is anything else. */
export function parseEntries(value: unknown): CredentialEntries | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return isStrings(entries.map(([, entry]) => entry)) ? new Map(entries) : undefined;
}

export function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** Runs tasks one at a time, in order. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task once those before it have settled. */
  take<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
