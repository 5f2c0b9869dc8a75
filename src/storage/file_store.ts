import { ClerkCliAuthError } from "../core/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type CredentialEntries, formatCredentialFile, parseCredentialFile } from "./credential_file.ts";
import type { CredentialStore } from "./credential_store.ts";
import { fileError } from "./file_error.ts";

/** What a file store is made of. */
export interface FileStoreOptions {
  runtime: Runtime;
  path: string;
  /** Hears of a corrupt file that was set aside. */
  onSetAside?: (from: string, to: string) => void;
}

/** A store in one file, in the clear, that only its owner can read. */
export function fileStore(options: FileStoreOptions): CredentialStore {
  const { runtime, path } = options;

  let lastUpdate: Promise<unknown> = Promise.resolve();

  /** One update after the other: each writes all entries. */
  function update(change: (entries: CredentialEntries) => void): Promise<void> {
    const turn = lastUpdate.then(async () => {
      const entries = await readEntries(options) ?? new Map();
      change(entries);
      if (entries.size === 0) await removeFile(runtime, path);
      else await writeFile(runtime, path, entries);
    });
    lastUpdate = turn.catch(() => {});
    return turn;
  }

  return {
    async get(key) {
      const entries = await readEntries(options);
      if (!entries) throw corrupt(path);
      return entries.get(key);
    },
    set: (key, value) => update((entries) => void entries.set(key, value)),
    delete: (key) => update((entries) => void entries.delete(key)),
  };
}

/** The entries of the file; `undefined` when it was corrupt, and now stands aside under another name. */
async function readEntries(
  { runtime, path, onSetAside }: FileStoreOptions,
): Promise<CredentialEntries | undefined> {
  const text = await runtime.files.readText(path).catch((error) => {
    throw fileError("read", path, error);
  });
  if (text === null) return new Map();
  const entries = parseCredentialFile(text);
  if (entries) return entries;
  const aside = `${path}.corrupt`;
  await runtime.files.rename(path, aside).catch((error) => {
    throw fileError("set aside", path, error);
  });
  onSetAside?.(path, aside);
  return undefined;
}

async function writeFile(runtime: Runtime, path: string, entries: CredentialEntries): Promise<void> {
  const { writeAtomically } = await import("./write_atomically.ts");
  await writeAtomically(runtime, path, formatCredentialFile(entries)).catch((error) => {
    throw fileError("write", path, error);
  });
}

async function removeFile(runtime: Runtime, path: string): Promise<void> {
  await runtime.files.remove(path).catch((error) => {
    throw fileError("remove", path, error);
  });
}

function corrupt(path: string): ClerkCliAuthError {
  return new ClerkCliAuthError(
    "storage",
    `The credential file ${path} was corrupt and has been set aside as ${path}.corrupt`,
    { action: "Sign in again" },
  );
}
