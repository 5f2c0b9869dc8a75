import { delay, stopSignal } from "../../core/time.ts";
import type { Tcp, TcpConnection } from "../../runtime/runtime.ts";
import { systemCode } from "../own_file.ts";
import type { LockContext } from "./lock_directory.ts";
import { answer, type Claim, parseClaim, question } from "./presence.ts";

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
  const { directory } = context;
  const text = await directory.readNumber(number);
  if (text === null) {
    await delay(GONE_PAUSE_MS, signal); // The caller looks again, perhaps for ever: its deadline must be able to come.
    return false;
  }
  const claim = parseClaim(text);
  if (claim === undefined) return await isLeftUnwritten(context, number, signal);
  if (await directory.readLive(claim.nonce) === null) return true;
  const isDead = isHere(context, claim)
    ? await isDeadHere(context, claim, signal)
    : await isDeadElsewhere(context, { number, claim }, signal);
  if (isDead) await directory.removeLive(claim.nonce);
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
 * Nothing that happens at the port here says that it is dead; but if it answers, it can be waited for. Silence is what
 * is heard of a process that is suspended: where it may be one of this host, it is not overtaken.
 */
async function isDeadElsewhere(
  context: LockContext,
  { number, claim }: { number: number; claim: Claim },
  signal: AbortSignal,
): Promise<boolean> {
  const { runtime, directory, standstillMs } = context;
  const asked = await askHolder(runtime.tcp, claim, { signal, patienceMs: PATIENCE_MS });
  if (asked === "ended") return false;
  const isStill = await standsStill({
    read: () => directory.readLive(claim.nonce),
    isSucceeded: () => directory.isTaken(number + 1),
  }, { standstillMs, signal });
  return isStill && !(asked === "silent" && mayBeHere(context, claim));
}

function mayBeHere({ runtime }: LockContext, { host }: Claim): boolean {
  return host === null || runtime.hostIdentity() === null;
}

/** Where a file system has no links, a taker may have died between the creation of its number and the writing. */
async function isLeftUnwritten(
  { directory, standstillMs }: LockContext,
  number: number,
  signal: AbortSignal,
): Promise<boolean> {
  const readUnwritten = async () => {
    const text = await directory.readNumber(number);
    return text === null || parseClaim(text) ? null : text;
  };
  const isSucceeded = () => directory.isTaken(number + 1);
  return await standsStill({ read: readUnwritten, isSucceeded }, { standstillMs, signal });
}

/**
 * What is known of the process that made a claim, as far as this host goes: `dead`, nothing answers for it; `ended`, it
 * did answer, and has let go or died since; `silent`, something has its port and said nothing for too long; `unclear`,
 * it could not be asked.
 */
export type Asked = "dead" | "ended" | "silent" | "unclear";

/** How a holder is asked. */
interface AskOptions {
  /** Ends the asking and the waiting. */
  signal: AbortSignal;
  /**
   * How long silence is waited for, in milliseconds.
   * @default without end: a process that is suspended is silent
   */
  patienceMs?: number;
}

/**
 * The pauses before a connection that was closed without an answer is tried again, in milliseconds: the first ones for
 * a process that is just ending, the last for one that is short of open files and accepts only to close.
 */
const PAUSES_MS = [1, 2, 5, 40];

/** Asks for the process that made a claim and, when it answers, waits until its connection ends. */
export async function askHolder(tcp: Tcp, claim: Claim, { signal, patienceMs }: AskOptions): Promise<Asked> {
  const stop = stopSignal({ signal, timeoutMs: patienceMs });
  try {
    signal.throwIfAborted();
    return await askRepeatedly(tcp, claim, { signal: stop.signal, onAnswer: stop.stopTimer });
  } catch (error) {
    signal.throwIfAborted();
    if (stop.signal.aborted) return "silent";
    throw error;
  } finally {
    stop.release();
  }
}

interface Asking {
  signal: AbortSignal;
  onAnswer(): void;
}

async function askRepeatedly(tcp: Tcp, claim: Claim, asking: Asking): Promise<Asked> {
  for (const pauseMs of PAUSES_MS) {
    const asked = await askOnce(tcp, claim, asking);
    if (asked !== "closed") return asked;
    await delay(pauseMs, asking.signal);
  }
  return "dead";
}

async function askOnce(tcp: Tcp, { port, nonce }: Claim, asking: Asking): Promise<Asked | "closed"> {
  let connection: TcpConnection;
  try {
    connection = await tcp.connect(port, asking.signal);
  } catch (error) {
    asking.signal.throwIfAborted();
    return FAILURES[systemCode(error) ?? ""] ?? "unclear";
  }
  const close = () => connection.close();
  asking.signal.addEventListener("abort", close, { once: true });
  if (asking.signal.aborted) close(); // That came while the connection was being made.
  if (asking.signal.aborted) close(); // That came while the connection was being made.
  try {
    return await listenTo(connection, nonce, asking);
  } finally {
    asking.signal.removeEventListener("abort", close);
    close();
  }
}

/** Whatever else fails (no more open files, a sandbox) says nothing about the other process. */
const FAILURES: Record<string, Asked | "closed"> = { ECONNREFUSED: "dead", ECONNRESET: "closed" };

async function listenTo(
  connection: TcpConnection,
  nonce: string,
  { signal, onAnswer }: Asking,
): Promise<Asked | "closed"> {
  const expected = answer(nonce);
  let heard = "";
  await connection.write(question(nonce)).catch(() => {}); // Reading tells that the connection has ended.
  for (;;) {
    const text = await connection.read().catch(() => null);
    signal.throwIfAborted();
    if (text === null) return heard === expected ? "ended" : "closed";
    heard += text;
    if (!expected.startsWith(heard)) return "dead";
    if (heard === expected) onAnswer();
  }
}

/** What is watched of a holder that cannot be asked. */
interface Watched {
  /** What it changes from time to time; `null` once there is no need to watch any more. */
  read(): Promise<string | null>;
  /** Whether somebody else has taken the lock after it. */
  isSucceeded(): Promise<boolean>;
}

/** How a holder is watched. */
interface WatchOptions {
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
async function standsStill(watched: Watched, options: WatchOptions): Promise<boolean> {
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
