import type { LockContext } from "./lock_context.ts";
import type { TakenLock } from "./take_lock.ts";

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
