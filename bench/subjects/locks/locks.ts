import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createCredentialStore } from "@clerk/cli-auth";
import { PersistenceCachePlugin } from "npm:@azure/msal-node-extensions@5.6.1";
import { lock } from "npm:proper-lockfile@4.1.2";
import { openPersistence } from "../support/msal_persistence.ts";

/** The locks that are compared. */
export type LockName = "own" | "properLockfile" | "msal";

/** Takes a lock, waits for it where another has it, and lets go of it. */
export type TakeLock = () => Promise<void>;

interface MsalLock {
  lock(): Promise<void>;
  unlock(): Promise<void>;
}

/** The locks of files in a folder, each with the waiting that it has by default; `proper-lockfile` has none. */
export async function openLocks(folder: string): Promise<Record<LockName, TakeLock>> {
  const store = createCredentialStore("file", { filePath: join(folder, "own.json") });
  const { signal } = new AbortController();
  const peer = join(folder, "peer.json");
  await writeFile(peer, "");
  const retries = { forever: true, minTimeout: 1, maxTimeout: 20 };
  const msal = await openMsalLock(join(folder, "msal.json"));
  return {
    own: () => store.withLock!(() => Promise.resolve(), { signal }),
    properLockfile: async () => await (await lock(peer, { retries }))(),
    async msal() {
      await msal.lock();
      await msal.unlock();
    },
  };
}

/** The extensions keep their lock to themselves. */
async function openMsalLock(path: string): Promise<MsalLock> {
  const persistence = await openPersistence({ storage: "file", path, service: "benchmark" });
  return new PersistenceCachePlugin(persistence)["crossPlatformLock"];
}
