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
  const { folder } = context;
  if (!await presence.linkNumber(number)) return undefined;
  const floor = await folder.readFloor();
  if (number > floor) return number;
  await folder.removeNumber(number);
  return await takeNumber(context, floor + 1, presence);
}
