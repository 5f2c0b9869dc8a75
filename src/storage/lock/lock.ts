import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { fileError } from "../own_file.ts";
import type { HeldLock, WaitOptions } from "../store.ts";
import { awaitHolder } from "./holder.ts";
import { type LockContext, LockDirectory } from "./lock_directory.ts";
import { openPresence, type Presence } from "./presence.ts";

/** What a lock is made of. */
interface CredentialLockOptions {
  runtime: Runtime;
  /** The credential file. The lock is a directory beside it. */
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
   * @throws {ClerkCliAuthError} `storage` when the lock cannot be taken, before the task runs; the reason of the
   * signal.
   */
  withLock<T>(task: (held: HeldLock) => Promise<T>, options: WaitOptions): Promise<T>;
}

/** The lock of a credential file. */
export function credentialLock(options: CredentialLockOptions): CredentialLock {
  const { runtime, path, standstillMs = 20_000 } = options;
  const directory = new LockDirectory(runtime, `${path}.lock`);
  const context: LockContext = { runtime, directory, standstillMs };
  return {
    async withLock(task, options) {
      const taken = await takeLock(context, options).catch((error) => {
        throw lockError(error, path, options.signal);
      });
      const { number, presence } = taken;
      const stopHeartbeat = startHeartbeat((counter) => presence.beat(counter));
      try {
        return await task({ isStillHeld: () => directory.isLatest(number, presence.text) });
      } finally {
        await stopHeartbeat();
        await tidy(context, taken).catch(() => {}); // Whoever comes next tidies up.
        await presence.close();
      }
    },
  };
}

function lockError(error: unknown, path: string, { aborted, reason }: AbortSignal): unknown {
  if ((aborted && error === reason) || error instanceof ClerkCliAuthError) return error;
  return fileError("lock", path, error);
}

/** A number that was taken, and with it the lock. */
interface TakenLock {
  readonly number: number;
  readonly presence: Presence;
  /** How many older numbers there were. */
  readonly olderNumbers: number;
}

/**
 * Takes the lock: waits until the taker of the highest number is gone, then takes the next one. The steps have the
 * names of tests/model/lock.pml, which proves that there are never two holders, whatever a listing of the directory
 * shows.
 *
 * @throws The reason of the signal when it aborts.
 */
async function takeLock(
  context: LockContext,
  { signal, onPassedOn }: WaitOptions,
): Promise<TakenLock> {
  let presence: Presence | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      presence ??= await openPresence(context); // Before the wait, so that nothing is left to prepare after it.
      const numbers = await context.directory.listNumbers();
      const highest = numbers.at(-1) ?? 0;
      if (highest > 0 && !await awaitHolder(context, highest, signal)) {
        await onPassedOn?.();
        continue;
      }
      const number = await takeNumber(context, highest + 1, presence);
      if (number !== undefined) return { number, presence, olderNumbers: numbers.length };
      if (!await presence.isIntact()) presence = void await presence.close();
    }
  } catch (error) {
    await presence?.close();
    throw error;
  }
}

/**
 * A number that was used up and tidied away looks free to a taker that was suspended meanwhile. The floor, which is
 * raised before numbers are removed, tells it. Then the number after the floor is next: there is no other way on where
 * somebody has removed the numbers above it.
 */
async function takeNumber(
  context: LockContext,
  number: number,
  presence: Presence,
): Promise<number | undefined> {
  const { directory } = context;
  if (!await presence.linkNumber(number)) return undefined;
  const floor = await directory.readFloor();
  if (number > floor) return number;
  await directory.removeNumber(number);
  return await takeNumber(context, floor + 1, presence);
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

/** How many of the last numbers stay: whoever has listed the directory should find what it has seen. */
const KEPT = 32;

/** Removes numbers that are used up, and leftovers of takers that were killed. Only a holder may do so. */
export async function tidy(
  { directory }: LockContext,
  { number, presence, olderNumbers }: TakenLock,
): Promise<void> {
  if (olderNumbers < 2 * KEPT) return;
  const floor = number - KEPT;
  await directory.raiseFloor(floor);
  for (const old of await directory.listNumbers()) {
    if (old <= floor) await directory.removeNumber(old);
  }
  await directory.removeLeftovers(presence.claim.nonce);
}
