import type { Runtime } from "../runtime/runtime.ts";
import type { BuiltInStore } from "./built_in_store.ts";
import type { CredentialLock } from "./lock/credential_lock.ts";
import type { SharedStore, Tombstone } from "./shared_store.ts";

/** Where a store keeps what it shares with other processes. */
export interface SharingOptions {
  runtime: Runtime;
  /** The credential file; the locks and the tombstone stand beside it. */
  path: string;
}

/** Gives a store that several processes use its locks and its tombstone; their code is loaded when they are used. */
export function shareStore(store: BuiltInStore, { runtime, path }: SharingOptions): SharedStore {
  return {
    get: (key) => store.get(key),
    set: (key, value, options) => store.set(key, value, options),
    delete: (key) => store.delete(key),
    saveLogin: (key, value) => store.saveLogin(key, value),
    describe: () => store.describe(),
    withLock: async (task, options) => await (await openLock(runtime, path)).withLock(task, options),
    withLoginLock: async (task, options) =>
      await (await openLock(runtime, `${path}.login`)).withLock(task, options),
    tombstone: {
      read: async () => await (await openTombstone(runtime, path)).read(),
      write: async (refreshTokenHash) => await (await openTombstone(runtime, path)).write(refreshTokenHash),
    },
  };
}

async function openLock(runtime: Runtime, path: string): Promise<CredentialLock> {
  return (await import("./lock/credential_lock.ts")).credentialLock({ runtime, path });
}

async function openTombstone(runtime: Runtime, path: string): Promise<Tombstone> {
  return (await import("./tombstone.ts")).tombstone(runtime, path);
}
