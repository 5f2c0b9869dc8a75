import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { fileError } from "../own_file.ts";
import type { HeldLock, WaitOptions } from "../store.ts";
import { awaitHolder, BEAT_MS, FENCE_MS } from "./holder.ts";
import { liveName, type LockContext, LockDirectory } from "./lock_directory.ts";
import { openPresence, parseClaim, type Presence } from "./presence.ts";

/** What a lock is made of. */
interface CredentialLockOptions {
  runtime: Runtime;
  /** The credential file. The lock is a directory beside it. */
  path: string;
}

/** A lock that one process holds at a time, of all that use the same file. */
export interface CredentialLock {
  /**
   * Runs a task while no other process, and nobody else in this one, runs one under the same lock. A holder that was
   * killed is replaced, at once on this host and within seconds elsewhere; one that is suspended here is waited for.
   *
   * @param task What to run. It is told how to find out whether the lock is still held.
   * @param options How to wait for the lock.
   * @returns What the task gives.
   * @throws {ClerkCliAuthError} `storage` when the lock cannot be taken, before the task runs; the reason of the
   * signal.
   */
  withLock<T>(task: (held: HeldLock) => Promise<T>, options: WaitOptions): Promise<T>;
  /** Whether someone may hold it, alive or dead. It is only looked at; taking it says what is wrong with it. */
  mayBeHeld(): Promise<boolean>;
}

/** The lock of a credential file. */
export function credentialLock({ runtime, path }: CredentialLockOptions): CredentialLock {
  const directory = new LockDirectory(runtime, `${path}.lock`);
  const context: LockContext = { runtime, directory };
  return {
    async withLock(task, options) {
      const { number, presence } = await takeLock(context, options).catch((error) => {
        throw lockError(error, path, options.signal);
      });
      const heartbeat = startHeartbeat(presence);
      // Whoever takes us for dead removes our live file, then takes the next number. The heartbeat comes last: only what is
      // done right after it is safe.
      const isStillHeld = async () =>
        await presence.beatenAt() !== null && !await directory.isTaken(number + 1) && heartbeat.isRegular();
      try {
        return await task({ isStillHeld });
      } finally {
        await heartbeat.stop();
        if (number % KEPT === 0) {
          await tidy(context, number, { presence, isStillHeld }).catch(() => {}); // A later holder tidies up.
        }
        await presence.close();
      }
    },
    mayBeHeld: () => isLastTakerThere(directory).catch(() => true),
  };
}

async function isLastTakerThere(directory: LockDirectory): Promise<boolean> {
  const number = (await directory.listNumbers()).at(-1);
  if (number === undefined) return false;
  const claim = parseClaim(await directory.readNumber(number) ?? "");
  return claim === undefined || await directory.modifiedAt(liveName(claim.nonce)) !== null;
}

function lockError(error: unknown, path: string, { aborted, reason }: AbortSignal): unknown {
  if ((aborted && error === reason) || error instanceof ClerkCliAuthError) return error;
  return fileError("lock", path, error);
}

/** A number that was taken, and with it the lock. */
interface TakenLock {
  readonly number: number;
  readonly presence: Presence;
}

/**
 * Takes the lock: waits until the taker of the highest number is gone, then takes the next one. The steps have the
 * names of tests/model/lock.pml, which proves that there are never two holders, whatever a listing of the directory
 * shows. From what it shows we count up ourselves: a number that is taken is the next to wait for.
 *
 * @throws The reason of the signal when it aborts.
 */
async function takeLock(
  context: LockContext,
  { signal, onPassedOn, onAsk }: WaitOptions,
): Promise<TakenLock> {
  const { directory } = context;
  let presence: Presence | undefined;
  try {
    for (let number: number | undefined;;) {
      signal.throwIfAborted();
      presence ??= await openPresence(context); // Before the wait, so that nothing is left to prepare after it.
      number ??= (await directory.listNumbers()).at(-1) ?? 0;
      const state = number > 0 ? await awaitHolder(context, number, { presence, signal, onAsk }) : "over";
      if (state === "again") {
        await onPassedOn?.();
        continue;
      }
      // A number that was used up and tidied away looks free to a taker that was suspended meanwhile. The floor, which
      // is raised before numbers are removed, tells it. The one after the floor is there, or nobody has it.
      number = state === "gone" ? await directory.readFloor() + 1 : number + 1;
      if (presence.sinceBeat() > BEAT_MS / 4) await presence.beat(); // The next beat of the holder comes after one second.
      if (await directory.linkNumber(number, { nonce: presence.claim.nonce, text: presence.text })) {
        if (number > await directory.readFloor()) return { number, presence };
        await directory.removeNumber(number);
      }
      if (await presence.beatenAt() === null) presence = void await presence.close(); // A holder has tidied it away.
    }
  } catch (error) {
    await presence?.close();
    throw error;
  }
}

/** What shows others that a holder goes on. */
interface Heartbeat {
  /** Whether no beat was so late that others may have taken us for dead. */
  isRegular(): boolean;
  /** When this resolves, no beat is under way. */
  stop(): Promise<void>;
}

/** Beats every second, for the first time after one: most tasks are done by then. */
export function startHeartbeat(presence: Pick<Presence, "beat" | "sinceBeat">): Heartbeat {
  let { sinceBeat } = presence;
  const isRegular = () => sinceBeat() <= FENCE_MS;
  const beat = async () => {
    await presence.beat();
    if (isRegular()) sinceBeat = presence.sinceBeat; // Once it was late it stays so.
  };
  let beating = Promise.resolve();
  // A beat that fails (a full disk) must not end the task: at worst it is late.
  const timer = setInterval(() => beating = beating.then(beat).catch(() => {}), BEAT_MS);
  return {
    isRegular,
    async stop() {
      clearInterval(timer);
      await beating;
    },
  };
}

/**
 * How many of the last numbers stay, and after how many the others are removed: whoever has listed the directory should
 * find what it has seen.
 */
const KEPT = 32;

/** Removes numbers that are used up, and leftovers of takers that were killed. Only a holder may do so. */
export async function tidy(
  { directory }: LockContext,
  number: number,
  { presence, isStillHeld }: HeldLock & { presence: Pick<Presence, "claim" | "beatenAt"> },
): Promise<void> {
  const floor = number - KEPT;
  if (!await isStillHeld()) return; // Others may have raised the floor higher.
  await directory.raiseFloor(floor, presence.claim.nonce);
  for (const old of await directory.listNumbers()) {
    if (old <= floor) await directory.removeNumber(old);
  }
  await directory.removeLeftovers(await presence.beatenAt() ?? 0);
}
