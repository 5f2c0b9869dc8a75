import { parseJsonObject } from "../core/encoding.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { parentDirectory, sealedKeyIds } from "./location.ts";
import { corrupt, fileError, type OwnFile, readOwnFile, type WriteOptions } from "./own_file.ts";
import type { EntryStore } from "./store.ts";

/** What a file store is made of. */
export interface FileStoreOptions {
  runtime: Runtime;
  path: string;
  /** Called when a corrupt file was set aside. */
  onSetAside?: ((from: string, to: string) => void) | undefined;
}

/** A store in one file, in the clear, that only its owner can read. */
export function fileStore(options: FileStoreOptions): EntryStore {
  const file = new PlainFile(options);
  const turns = new Turns(); // Each update writes all entries.

  const set = (key: string, value: string, options?: WriteOptions) =>
    turns.take(async () => {
      const stored = await file.readToReplace();
      if (stored.entries.size === 0) await replaceSealed(stored);
      stored.entries.set(key, value);
      await file.write(stored, options);
    });

  /** Records that the keychain store has left here must not come back when this one is used no more. */
  async function replaceSealed(stored: CredentialFile): Promise<void> {
    for (const id of await file.sealedKeyIds()) stored.replaces.add(id);
  }

  return {
    get: async (key) => (await file.read())?.entries.get(key) ?? null,
    set,
    delete: (key) =>
      turns.take(async () => {
        const stored = await file.readToReplace();
        stored.entries.delete(key);
        await file.write(stored);
      }),
    saveLogin: (key, value) => set(key, value),
    describe: () => Promise.resolve({ location: options.path, protection: "none" }),
  };
}

/**
 * The credential file in the clear. As long as it is there, it counts and not the sealed records that it names: so two
 * runs that see different keychains agree on what is stored.
 */
export class PlainFile {
  readonly #options: FileStoreOptions;

  constructor(options: FileStoreOptions) {
    this.#options = options;
  }

  /**
   * What the file holds; `null` if there is none.
   *
   * @throws {ClerkCliAuthError} `storage` when it cannot be read, or was corrupt and has been set aside.
   */
  async read(): Promise<CredentialFile | null> {
    const { content, setAside } = await this.#read();
    if (setAside !== undefined) throw corrupt(this.#options.path, setAside);
    return content;
  }

  /** What the file holds, for one that is going to write it: what was corrupt holds nothing. */
  async readToReplace(): Promise<CredentialFile> {
    const { content } = await this.#read();
    return content ?? emptyCredentialFile();
  }

  /** Writes the file, or removes it when there is nothing that it must say. */
  async write(file: CredentialFile, options?: WriteOptions): Promise<void> {
    const { runtime, path } = this.#options;
    if (file.entries.size === 0 && file.replaces.size === 0) {
      const { removeOwnFile } = await import("./own_file.ts");
      return await removeOwnFile(runtime, path);
    }
    const { writeOwnFile } = await import("./own_file.ts");
    await writeOwnFile(runtime, path, formatCredentialFile(file), options);
  }

  /** The ids of the keys of all sealed records of the same credentials. */
  async sealedKeyIds(): Promise<string[]> {
    const { runtime, path } = this.#options;
    const names = await runtime.files.list(parentDirectory(runtime, path)).catch((error) => {
      throw fileError("look beside", path, error);
    });
    return sealedKeyIds(path, names);
  }

  async #read(): Promise<OwnFile<CredentialFile>> {
    const file = await readOwnFile(this.#options.path, { ...this.#options, parse: parseCredentialFile });
    if (file.setAside === undefined) return file;
    // What it has replaced must not come back with it.
    const replaces = new Set(await this.sealedKeyIds());
    if (replaces.size > 0) await this.write({ ...emptyCredentialFile(), replaces });
    return file;
  }
}

/** What a credential file holds. */
export interface CredentialFile {
  entries: CredentialEntries;
  /**
   * The ids of the keys whose sealed records this file has replaced. They may not be readable where it was written, as
   * their keychain was out of reach, and must count for nothing where they are.
   */
  replaces: Set<string>;
}

/** Strings by key. */
export type CredentialEntries = Map<string, string>;

const VERSION = 1;

/** A credential file without anything in it. */
export function emptyCredentialFile(): CredentialFile {
  return { entries: new Map(), replaces: new Set() };
}

/** Reads the text of a credential file; `undefined` if it is torn, corrupt or of another kind. */
export function parseCredentialFile(text: string): CredentialFile | undefined {
  const file = parseJsonObject(text);
  if (file?.version !== VERSION) return undefined;
  const entries = parseEntries(file.entries);
  const replaces = file.replaces ?? [];
  if (!entries || !isStrings(replaces)) return undefined;
  return { entries, replaces: new Set(replaces) };
}

/** The text of a credential file. */
export function formatCredentialFile({ entries, replaces }: CredentialFile): string {
  const file = {
    version: VERSION,
    entries: Object.fromEntries(entries),
    ...(replaces.size > 0 && { replaces: [...replaces] }),
  };
  return `${JSON.stringify(file)}\n`;
}

/** Strings by key, as JSON gives them; `undefined` when they are something else. */
export function parseEntries(value: unknown): CredentialEntries | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  return isStrings(entries.map(([, entry]) => entry)) ? new Map(entries) : undefined;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** Runs tasks one after the other, in the order in which they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task when those before it have ended, however they did. */
  take<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
