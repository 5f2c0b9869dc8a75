import { randomToken } from "../../core/encoding.ts";
import { delay, stopSignal } from "../../core/time.ts";
import type { Runtime, TcpConnection } from "../../runtime/runtime.ts";
import { systemCode } from "../own_file.ts";
import { liveName, type LockContext } from "./lock_directory.ts";
import { answer, type Claim, parseClaim, type Presence, question } from "./presence.ts";

/** How often a holder writes its live file, in milliseconds: a beat. */
export const BEAT_MS = 1_000;

/** A holder whose last beat is older gives the lock up, in milliseconds. */
export const FENCE_MS = 2_000;

/** A holder that cannot be asked is dead if its last beat is this old, in milliseconds. */
const STALE_MS = 4_000;

/** How often its live file is looked at, in milliseconds. */
const POLL_MS = 250;

/** How long a holder that may be on another host is given to answer on this one, in milliseconds. */
const PATIENCE_MS = 1_000;

/** After a holder that could not be asked, for want of ports or the like, in milliseconds. */
const UNCLEAR_PAUSE_MS = 50;

/** After a number that was listed and is not there, in milliseconds. */
const GONE_PAUSE_MS = 1;

/** How a holder is waited for. */
interface HolderWait {
  /** Our own presence, to compare its with. */
  presence: Presence;
  /** Ends the waiting. */
  signal: AbortSignal;
  /** Told of the port of 127.0.0.1 where a holder is asked that may be on this host. */
  onAsk?: ((port: number) => void) | undefined;
}

/**
 * Waits for the taker of a number as long as it may hold the lock.
 *
 * @returns `over` when it holds the lock no more, `again` when it is time to look again, `gone` when there is no such
 * number.
 */
export async function awaitHolder(
  context: LockContext,
  number: number,
  wait: HolderWait,
): Promise<"over" | "again" | "gone"> {
  const { directory } = context;
  const text = await directory.readNumber(number);
  if (text === null) {
    await delay(GONE_PAUSE_MS, wait.signal); // The caller tries again, perhaps for ever: its deadline must be able to pass.
    return "gone";
  }
  const claim = parseClaim(text);
  // Where a file system has no links, a taker may have died between the creation of its number and the writing.
  if (claim === undefined) return await isAbandoned(context, `${number}`, wait) ? "over" : "again";
  if (claim.nonce === wait.presence.claim.nonce) return "over"; // We have given this number up.
  if (await directory.modifiedAt(liveName(claim.nonce)) === null) return "over";
  if (!await isDead(context, claim, wait)) return "again";
  await directory.removeLive(claim.nonce);
  return "over";
}

/**
 * On this host the port tells: it is the process's own until that ends, also while it is suspended. So neither silence nor
 * our own failure to ask means death if the process may be here. A host that is not known may be this one or another.
 */
async function isDead(context: LockContext, claim: Claim, wait: HolderWait): Promise<boolean> {
  const { runtime } = context;
  const here = runtime.hostIdentity();
  const isHere = here !== null && claim.host === here;
  const mayBeHere = isHere || here === null || claim.host === null;
  if (mayBeHere) wait.onAsk?.(claim.port);
  const asked = await askHolder(runtime, claim, {
    signal: wait.signal,
    patienceMs: isHere ? undefined : PATIENCE_MS,
  });
  if (asked === "unclear" && mayBeHere) await delay(UNCLEAR_PAUSE_MS, wait.signal);
  if (asked === "ended" || (mayBeHere && (asked === "silent" || asked === "unclear"))) return false;
  return (asked === "dead" && isHere) || await isAbandoned(context, liveName(claim.nonce), wait);
}

/**
 * Whether nobody writes a file any more that should be written every second. Two things must hold. It has not changed
 * while we watched for longer than its writer believes itself, counted in polls: a poll that was late because we were
 * suspended counts as one. And it is old, compared with our own live file, which we write now: so a watch need not begin
 * at zero. Where the clock of the file system was set back, it has to be watched for that long.
 */
async function isAbandoned(
  { directory }: LockContext,
  name: string,
  { presence, signal }: HolderWait,
): Promise<boolean> {
  const writtenAt = await directory.modifiedAt(name);
  for (let watchedMs = 0; writtenAt !== null; watchedMs += POLL_MS) {
    await presence.beat();
    const ageMs = (await presence.beatenAt() ?? writtenAt) - writtenAt;
    const isOld = ageMs >= STALE_MS || watchedMs >= STALE_MS + BEAT_MS;
    if (watchedMs > FENCE_MS && isOld) return true;
    await delay(POLL_MS, signal);
    if (await directory.modifiedAt(name) !== writtenAt) return false;
  }
  return false;
}

/**
 * What is known of the process that made a claim, as far as this host goes: `dead`, nothing answers for it; `ended`, it
 * did answer, and has let go or died since; `silent`, something has its port and said nothing for too long; `closed`,
 * something closes connections without a word, as a process does that is short of open files; `unclear`, it could not be
 * asked.
 */
export type Asked = "dead" | "ended" | "silent" | "closed" | "unclear";

/** How a holder is asked. */
interface AskOptions {
  /** Ends the asking and the waiting. */
  signal: AbortSignal;
  /**
   * How long silence is waited for, in milliseconds.
   * @default without end: a process that is suspended is silent
   */
  patienceMs?: number | undefined;
}

/** The pauses before one is asked again that closed the connection, as one does that is just ending, in milliseconds. */
const PAUSES_MS = [1, 2, 5, 40];

/** Asks for the process that made a claim and, when it answers, waits until its connection ends. */
export async function askHolder(
  runtime: Pick<Runtime, "tcp" | "randomBytes">,
  claim: Claim,
  { signal, patienceMs }: AskOptions,
): Promise<Asked> {
  const stop = stopSignal({ signal, timeoutMs: patienceMs });
  const asking = { signal: stop.signal, onAnswer: stop.stopTimer };
  try {
    for (const pauseMs of PAUSES_MS) {
      const asked = await askOnce(runtime, claim, asking);
      if (asked !== "closed") return asked;
      await delay(pauseMs, stop.signal);
    }
    return "closed";
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

/** Whatever else fails (no more open files, a sandbox) says nothing about the other process. */
const FAILURES: Record<string, Asked> = { ECONNREFUSED: "dead", ECONNRESET: "closed" };

async function askOnce(
  { tcp, randomBytes }: Pick<Runtime, "tcp" | "randomBytes">,
  { port, nonce }: Claim,
  asking: Asking,
): Promise<Asked> {
  const { signal } = asking;
  signal.throwIfAborted();
  const challenge = randomToken(randomBytes);
  const expected = await answer(nonce, challenge);
  let connection: TcpConnection;
  try {
    connection = await tcp.connect(port, signal);
  } catch (error) {
    signal.throwIfAborted();
    return FAILURES[systemCode(error) ?? ""] ?? "unclear";
  }
  const close = () => connection.close();
  signal.addEventListener("abort", close, { once: true });
  try {
    signal.throwIfAborted(); // That came while the connection was being made.
    await connection.write(question(challenge)).catch(() => {}); // Reading tells that the connection has ended.
    return await listenTo(connection, expected, asking);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

async function listenTo(
  connection: TcpConnection,
  expected: string,
  { signal, onAnswer }: Asking,
): Promise<Asked> {
  for (let heard = "";;) {
    const text = await connection.read().catch(() => null);
    signal.throwIfAborted();
    if (text === null) return heard === expected ? "ended" : "closed";
    heard += text;
    if (!expected.startsWith(heard)) return "dead";
    if (heard === expected) onAnswer();
  }
}
