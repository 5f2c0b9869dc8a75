import { askHolder } from "./ask_holder.ts";
import { type Claim, parseClaim } from "./claim.ts";
import { delay } from "../../core/delay.ts";
import type { LockContext } from "./lock_context.ts";
import { standsStill } from "./watch_holder.ts";

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
