import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { fileError } from "../own_file.ts";
import type { HeldLock, WaitOptions } from "../store.ts";
import { LockFolder } from "./lock_folder.ts";
import { takeLock, type TakenLock } from "./holder.ts";

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

const INTERVAL_MS = 1_000;

/**
 * Calls a function every second, for the first time after one: most tasks are done by then. Returns how to stop that;
 * when this resolves, no call is under way.
 */
export function startHeartbeat(beat: (counter: number) => Promise<void>): () => Promise<void> {
  let beating = Promise.resolve();
  let counter = 0;
  const timer = setInterval(() => {
    counter++;
    // A beat that fails (a full disk) must not end the task: at worst another host takes us for dead.
    beating = beating.then(() => beat(counter)).catch(() => {});
  }, INTERVAL_MS);
  return async () => {
    clearInterval(timer);
    await beating;
  };
}

/** What every part of the lock works on. */
export interface LockContext {
  readonly runtime: Runtime;
  readonly folder: LockFolder;
  /** How long a holder that cannot be asked must stand still to be called dead, in milliseconds. */
  readonly standstillMs: number;
}

/** How many of the last numbers stay: whoever has listed the folder should find what it has seen. */
const KEPT = 32;

/** Removes numbers that are used up, and leftovers of takers that were killed. Only a holder may do so. */
export async function tidy(
  { folder }: LockContext,
  { number, presence, olderNumbers }: TakenLock,
): Promise<void> {
  if (olderNumbers < 2 * KEPT) return;
  const floor = number - KEPT;
  await folder.raiseFloor(floor);
  for (const old of await folder.listNumbers()) {
    if (old <= floor) await folder.removeNumber(old);
  }
  await folder.removeLeftovers(presence.claim.nonce);
}
