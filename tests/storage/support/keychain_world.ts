import { assert } from "@std/assert";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Files, Platform } from "../../doors/runtime.ts";
import { type BuiltInStoreOptions, type ClientStore, openBuiltInStore } from "../../doors/storage.ts";
import { createFakeKeyring, type FakeKeyring } from "../../harness/fake_keyring.ts";
import { createFakeRuntime } from "../../harness/fake_runtime.ts";
import { makeTemporaryFolder } from "../../harness/temporary_folder.ts";

/** How another process opens the store. */
export interface OpenOptions extends Partial<BuiltInStoreOptions> {
  profile?: string;
  /** @default "windows", where no prompt can be in the way */
  platform?: Platform;
  /** File operations to replace. @default none */
  files?: Partial<Files>;
}

/** A directory and a keychain in memory, and stores that use them. */
export interface KeychainWorld {
  readonly folder: string;
  keyring: FakeKeyring;
  /** Events of the stores. */
  readonly events: string[];
  /** Opens the store as another process would. */
  open(options?: OpenOptions): Promise<ClientStore>;
  /** The credential file of a profile. */
  plainFile(profile?: string): string;
  /** The sealed file of a profile. */
  sealedFile(profile?: string): Promise<string>;
  /** Names of the files, without the lock directory. */
  fileNames(): Promise<string[]>;
  remove(): Promise<void>;
}

/** Creates a world without credentials. */
export async function createKeychainWorld(): Promise<KeychainWorld> {
  const { path: folder, remove } = await makeTemporaryFolder();
  const events: string[] = [];
  const plainFile = (profile = "default") => join(folder, `${profile}.json`);
  const world: KeychainWorld = {
    folder,
    keyring: createFakeKeyring(),
    events,
    async open({ profile, platform = "windows", files, ...options } = {}) {
      const runtime = await createFakeRuntime({ platform, parts: { keyring: world.keyring } });
      return await openBuiltInStore("keychain", {
        runtime: { ...runtime, files: { ...runtime.files, ...files } },
        scope: { application: "client", environment: "default", profile },
        filePath: plainFile(profile),
        issuer: "https://issuer.example",
        onDowngraded: ({ reason, message }) => events.push(`downgraded: ${reason}: ${message}`),
        ...options,
      });
    },
    plainFile,
    async sealedFile(profile = "default") {
      const names = await world.fileNames();
      const name = names.find((name) => name.startsWith(`${profile}.`) && name.endsWith(".sealed"));
      assert(name, `There is no sealed file among ${names}`);
      return join(folder, name);
    },
    fileNames: async () => (await readdir(folder)).filter((name) => !name.endsWith(".lock")),
    remove,
  };
  return world;
}

/** Changes the content of a JSON file. */
export async function alter(path: string, change: (file: Record<string, unknown>) => unknown): Promise<void> {
  const file = JSON.parse(await readFile(path, "utf8"));
  change(file);
  await writeFile(path, JSON.stringify(file));
}
