import { delay } from "../../core/time.ts";
import type { WaitOptions } from "../store.ts";
import type { LockContext } from "./lock.ts";
import { askHolder, type Claim, openPresence, parseClaim, type Presence } from "./presence.ts";

/** How long a holder that may be on another host is given to answer on this one, in milliseconds. */
const PATIENCE_MS = 1_000;

/** After something that could not be asked for want of open files, ports or the like, in milliseconds. */
const PAUSE_MS = 50;

/** After a number that was listed and is not there, in milliseconds. */
const GONE_PAUSE_MS = 1;

/**
 * Waits for the taker of a number as long as it may hold the lock.
 *
 * @returns Whether it is known to hold it no more; `false` when it is time to look again.
 */
export async function awaitHolder(
  context: LockContext,
  number: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { folder } = context;
  const text = await folder.readNumber(number);
  if (text === null) {
    await delay(GONE_PAUSE_MS, signal); // The caller looks again, perhaps for ever: its deadline must be able to come.
    return false;
  }
  const claim = parseClaim(text);
  if (claim === undefined) return await isLeftUnwritten(context, number, signal);
  if (await folder.readLive(claim.nonce) === null) return true;
  const isDead = isHere(context, claim)
    ? await isDeadHere(context, claim, signal)
    : await isDeadElsewhere(context, { number, claim }, signal);
  if (isDead) await folder.removeLive(claim.nonce);
  return isDead;
}

/** A host that is not known counts as another one. */
function isHere({ runtime }: LockContext, { host }: Claim): boolean {
  return host !== null && host === runtime.hostIdentity();
}

/** The port tells it: it is the process's own until it ends, also while it is suspended. */
async function isDeadHere({ runtime }: LockContext, claim: Claim, signal: AbortSignal): Promise<boolean> {
  const asked = await askHolder(runtime.tcp, claim, { signal });
  if (asked === "unclear") await delay(PAUSE_MS, signal);
  return asked === "dead";
}

/**
 * Nothing that happens at the port here says that it is dead; but if it answers, it can be waited for. Silence is what is
 * heard of a process that is suspended: where it may be one of this host, it is not overtaken.
 */
async function isDeadElsewhere(
  context: LockContext,
  { number, claim }: { number: number; claim: Claim },
  signal: AbortSignal,
): Promise<boolean> {
  const { runtime, folder, standstillMs } = context;
  const asked = await askHolder(runtime.tcp, claim, { signal, patienceMs: PATIENCE_MS });
  if (asked === "ended") return false;
  const isStill = await standsStill({
    read: () => folder.readLive(claim.nonce),
    isSucceeded: () => folder.isTaken(number + 1),
  }, { standstillMs, signal });
  return isStill && !(asked === "silent" && mayBeHere(context, claim));
}

function mayBeHere({ runtime }: LockContext, { host }: Claim): boolean {
  return host === null || runtime.hostIdentity() === null;
}

/** Where a file system has no links, a taker may have died between the creation of its number and the writing. */
async function isLeftUnwritten(
  { folder, standstillMs }: LockContext,
  number: number,
  signal: AbortSignal,
): Promise<boolean> {
  const readUnwritten = async () => {
    const text = await folder.readNumber(number);
    return text === null || parseClaim(text) ? null : text;
  };
  const isSucceeded = () => folder.isTaken(number + 1);
  return await standsStill({ read: readUnwritten, isSucceeded }, { standstillMs, signal });
}

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

/** What is watched of a holder that cannot be asked. */
export interface Watched {
  /** What it changes from time to time; `null` once there is no need to watch any more. */
  read(): Promise<string | null>;
  /** Whether somebody else has taken the lock after it. */
  isSucceeded(): Promise<boolean>;
}

/** How a holder is watched. */
export interface WatchOptions {
  /** How long it must stand still to be called dead, in milliseconds. */
  standstillMs: number;
  /** Ends the watching. */
  signal: AbortSignal;
}

const POLL_MS = 250;

/**
 * Watches a holder until it is gone. Tells whether it stood still for longer than stated: on our own monotonic clock,
 * on which a poll that came late, as we were suspended, too, counts no more than one in time.
 */
export async function standsStill(watched: Watched, options: WatchOptions): Promise<boolean> {
  const { standstillMs, signal } = options;
  let seen = await watched.read();
  let seenAt = performance.now();
  let stoodMs = 0;
  while (seen !== null && !await watched.isSucceeded()) {
    if (stoodMs > standstillMs) return true;
    await delay(POLL_MS, signal);
    const text = await watched.read();
    const now = performance.now();
    stoodMs = text === seen ? stoodMs + Math.min(now - seenAt, 2 * POLL_MS) : 0;
    [seen, seenAt] = [text, now];
  }
  return false;
}
