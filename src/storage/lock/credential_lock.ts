import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { fileError } from "../file_error.ts";
import type { HeldLock, WaitOptions } from "../shared_store.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { LockContext } from "./lock_context.ts";
import { LockFolder } from "./lock_folder.ts";
import { takeLock, type TakenLock } from "./take_lock.ts";
import { tidy } from "./tidy.ts";

/** What a lock is made of. */
export interface CredentialLockOptions {
  runtime: Runtime;
  /** The credential file. The lock is a folder beside it. */
  path: string;
  /**
   * How long a holder on another host must have shown no sign of life to be taken for dead, in milliseconds. Whoever
   * waits for the lock must be ready to wait longer.
   * @default 20000
   */
  standstillMs?: number;
}

/** A lock that one process holds at a time, of all that use the same file. */
export interface CredentialLock {
  /**
   * Runs a task while no other process, and nobody else in this one, runs one under the same lock. A holder that was
   * killed is replaced at once; one that is suspended is waited for.
   *
   * @param task What to run. It is told how to find out whether the lock is still held.
   * @param options How to wait for the lock.
   * @returns What the task gives.
   * @throws {ClerkCliAuthError} `storage` when the lock cannot be taken, before the task runs; the reason of the signal.
   */
  withLock<T>(task: (held: HeldLock) => Promise<T>, options: WaitOptions): Promise<T>;
}

/** The lock of a credential file. */
export function credentialLock(options: CredentialLockOptions): CredentialLock {
  const { runtime, path, standstillMs = 20_000 } = options;
  const folder = new LockFolder(runtime, `${path}.lock`);
  const context: LockContext = { runtime, folder, standstillMs };

  async function take(options: WaitOptions): Promise<TakenLock> {
    try {
      return await takeLock(context, options);
    } catch (error) {
      const { aborted, reason } = options.signal;
      if ((aborted && error === reason) || error instanceof ClerkCliAuthError) throw error;
      throw fileError("lock", path, error);
    }
  }

  return {
    async withLock(task, options) {
      const taken = await take(options);
      const { number, presence } = taken;
      const stopHeartbeat = startHeartbeat((counter) => presence.beat(counter));
      const isStillHeld = async () => await presence.isUnder(number) && !await folder.isTaken(number + 1);
      try {
        return await task({ isStillHeld });
      } finally {
        await stopHeartbeat();
        await tidy(context, taken).catch(() => {}); // Whoever comes next tidies up.
        await presence.close();
      }
    },
  };
}
