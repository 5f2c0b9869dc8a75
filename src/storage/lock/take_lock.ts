import type { WaitOptions } from "../shared_store.ts";
import { awaitHolder } from "./await_holder.ts";
import type { LockContext } from "./lock_context.ts";
import { openPresence, type Presence } from "./presence.ts";

/** A number that was taken, and with it the lock. */
export interface TakenLock {
  readonly number: number;
  readonly presence: Presence;
  /** How many older numbers there were. */
  readonly olderNumbers: number;
}

/**
 * Takes the lock: waits until the taker of the highest number is gone, then takes the next one. The steps have the
 * names of tests/model/lock.pml, which proves that there are never two holders, whatever a listing of the folder shows.
 *
 * @throws The reason of the signal when it aborts.
 */
export async function takeLock(
  context: LockContext,
  { signal, onPassedOn }: WaitOptions,
): Promise<TakenLock> {
  let presence: Presence | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      presence ??= await openPresence(context); // Before the wait, so that nothing is left to prepare after it.
      const numbers = await context.folder.listNumbers();
      const highest = numbers.at(-1) ?? 0;
      if (highest > 0 && !await awaitHolder(context, highest, signal)) {
        await onPassedOn?.();
        continue;
      }
      const number = highest + 1;
      if (await takeNumber(context, number, presence)) {
        return { number, presence, olderNumbers: numbers.length };
      }
      if (!await presence.isIntact()) presence = void await presence.close();
    }
  } catch (error) {
    await presence?.close();
    throw error;
  }
}

/**
 * A number that was used up and tidied away looks free to a taker that was suspended meanwhile. The floor, which is
 * raised before numbers are removed, tells it.
 */
async function takeNumber(
  { folder }: LockContext,
  number: number,
  presence: Presence,
): Promise<boolean> {
  if (!await presence.linkNumber(number)) return false;
  if (number > await folder.readFloor()) return true;
  await folder.removeNumber(number);
  return false;
}
