import type { BuiltInStore } from "./built_in_store.ts";
import type { CredentialFile } from "./credential_file.ts";
import { PlainFile, type PlainFileOptions } from "./plain_file.ts";
import { Turns } from "./turns.ts";
import type { WriteOptions } from "./write_own_file.ts";

/** What a file store is made of. */
export type FileStoreOptions = PlainFileOptions;

/** A store in one file, in the clear, that only its owner can read. */
export function fileStore(options: FileStoreOptions): BuiltInStore {
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
