import { ClerkCliAuthError } from "../../core/errors.ts";
import { startTimer } from "../../core/time.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { fileError } from "../own_file.ts";
import type { HeldLock, WaitOptions } from "../store.ts";
import { awaitHolder, BEAT_MS, FENCE_MS } from "./holder.ts";
import { liveName, type LockContext, LockDirectory } from "./lock_directory.ts";
import { openPresence, parseClaim, type Presence } from "./presence.ts";

interface CredentialLockOptions {
  runtime: Runtime;
  /** The credential file. The lock is a directory next to it. */
  path: string;
}

/** A lock on a credential file, held by one process at a time. */
export interface CredentialLock {
  /**
   * Runs a task while nothing else, in this process or another, holds the lock. A killed holder is replaced, at once on
   * this host and within seconds elsewhere. A suspended one on this host is waited for.
   *
   * @throws {ClerkCliAuthError} `storage` if the lock cannot be taken, before the task runs; or the signal's reason.
   */
  withLock<T>(task: (held: HeldLock) => Promise<T>, options: WaitOptions): Promise<T>;
  /** Whether anyone, alive or dead, may hold the lock. Only looks: problems surface when it is taken. */
  mayBeHeld(): Promise<boolean>;
}

export function credentialLock({ runtime, path }: CredentialLockOptions): CredentialLock {
  const directory = new LockDirectory(runtime, `${path}.lock`);
  const context: LockContext = { runtime, directory };
  return {
    async withLock(task, options) {
      const { number, presence } = await takeLock(context, options).catch((error) => {
        throw lockError(error, path, options.signal);
      });
      const heartbeat = startHeartbeat(presence);
      // Whoever takes us for dead removes our live file, then takes the next number. The heartbeat is checked last:
      // only what happens right after it is safe.
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

interface TakenLock {
  readonly number: number;
  readonly presence: Presence;
}

/**
 * Takes the lock: waits until the taker of the highest number is gone, then takes the next one. The steps are named as
 * in tests/model/lock.pml, which proves that there are never two holders, whatever a directory listing shows. From
 * there we count up ourselves: a number that is taken is the next to wait for.
 *
 * @throws The signal's reason.
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
      // To a taker that was suspended, a number that was used and tidied away looks free. The floor, raised before
      // numbers are removed, reveals it. The number after the floor exists, or nobody has it.
      number = state === "gone" ? await directory.readFloor() + 1 : number + 1;
      if (presence.sinceBeat() > BEAT_MS / 4) await presence.beat(); // The holder's next beat is a second away.
      if (await directory.linkNumber(number, { nonce: presence.claim.nonce, text: presence.text })) {
        if (number > await directory.readFloor()) return { number, presence };
        await directory.removeNumber(number);
      }
      if (await presence.beatenAt() === null) presence = void await presence.close(); // A holder tidied it away.
    }
  } catch (error) {
    await presence?.close();
    throw error;
  }
}

/** Shows others that a holder is alive. */
interface Heartbeat {
  /** Whether no beat was so late that others may have taken us for dead. */
  isRegular(): boolean;
  /** Resolves once no beat is under way. */
  stop(): Promise<void>;
}

/** Beats every second. Most tasks are done before the first beat. */
export function startHeartbeat(presence: Pick<Presence, "beat" | "sinceBeat">): Heartbeat {
  let { sinceBeat } = presence;
  const isRegular = () => sinceBeat() <= FENCE_MS;
  const beat = async () => {
    await presence.beat();
    if (isRegular()) sinceBeat = presence.sinceBeat; // Once late, it stays late.
  };
  let beating = Promise.resolve();
  let stopTimer = () => {};
  const wait = () => {
    stopTimer = startTimer(BEAT_MS, () => {
      wait();
      // A beat that fails, say on a full disk, must not end the task. At worst it is late.
      beating = beating.then(beat).catch(() => {});
    });
  };
  wait();
  return {
    isRegular,
    async stop() {
      stopTimer();
      await beating;
    },
  };
}

/**
 * How many of the last numbers stay, and how often older ones are removed: whoever listed the directory should find
 * what it saw.
 */
const KEPT = 32;

/** Removes used numbers and leftovers of killed takers. Only a holder may do so. */
export async function tidy(
  { directory }: LockContext,
  number: number,
  { presence, isStillHeld }: HeldLock & { presence: Pick<Presence, "claim" | "beatenAt"> },
): Promise<void> {
  const floor = number - KEPT;
  if (!await isStillHeld()) return; // Others may have raised the floor further.
  await directory.raiseFloor(floor, presence.claim.nonce);
  for (const old of await directory.listNumbers()) {
    if (old <= floor) await directory.removeNumber(old);
  }
  await directory.removeLeftovers(await presence.beatenAt() ?? 0);
}
