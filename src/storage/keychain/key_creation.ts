import type { Runtime } from "../../runtime/runtime.ts";
import { credentialLock } from "../lock/credential_lock.ts";
import { keyLockPath } from "../location.ts";
import { KeychainFailure } from "./keychain_failure.ts";
import type { ItemName } from "./keychain_item.ts";

/** Whose key is created. */
export interface KeyCreationOptions {
  runtime: Runtime;
  /** A credential file that is sealed with it. */
  path: string;
  item: ItemName;
}

/** How long another process may take to create the key, in milliseconds; a person may have to unlock the keychain. */
const CREATION_DEADLINE_MS = 30_000;

/** Runs a task while no other process creates the key. All profiles have one key, but each a lock of its own. */
export async function whileCreatingKey<T>(
  { runtime, path, item }: KeyCreationOptions,
  task: () => Promise<T>,
): Promise<T> {
  const lock = credentialLock({ runtime, path: keyLockPath(runtime, path, item.username) });
  const deadline = new KeychainFailure("failed", { detail: "another process is creating its key" });
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(deadline), CREATION_DEADLINE_MS);
  try {
    return await lock.withLock(task, { signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}
