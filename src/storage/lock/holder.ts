import { randomToken } from "../../core/encoding.ts";
import { delay, stopSignal } from "../../core/time.ts";
import type { Runtime, TcpConnection } from "../../runtime/runtime.ts";
import { systemCode } from "../own_file.ts";
import { liveName, type LockContext } from "./lock_directory.ts";
import { answer, type Claim, parseClaim, type Presence, question } from "./presence.ts";

/** How often a holder writes its live file: a beat. */
export const BEAT_MS = 1_000;

/** A holder whose last beat is older gives up the lock. */
export const FENCE_MS = 2_000;

/** A holder that cannot be asked is dead if its last beat is this old. */
const STALE_MS = 4_000;

/** How often its live file is checked. */
const POLL_MS = 250;

/** How long a holder that may be on another host has to answer on this one. */
const PATIENCE_MS = 1_000;

/** After a holder that could not be asked, say for lack of ports. */
const UNCLEAR_PAUSE_MS = 50;

/** After a number that was listed but is gone. */
const GONE_PAUSE_MS = 1;

interface HolderWait {
  /** Our own, to compare the holder's with. */
  presence: Presence;
  /** Ends the wait. */
  signal: AbortSignal;
  /** Called with the port of 127.0.0.1 on which a holder that may be on this host is asked. */
  onAsk?: ((port: number) => void) | undefined;
}

/**
 * Waits for the taker of a number while it may hold the lock.
 *
 * @returns `over` if it no longer holds the lock, `again` if it is time to look again, `gone` if there is no such
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
    await delay(GONE_PAUSE_MS, wait.signal); // The caller may retry forever: its deadline must be able to fire.
    return "gone";
  }
  const claim = parseClaim(text);
  // Without hard links, a taker may have died between creating its number and writing it.
  if (claim === undefined) return await isAbandoned(context, `${number}`, wait) ? "over" : "again";
  if (claim.nonce === wait.presence.claim.nonce) return "over"; // We gave this number up.
  if (await directory.modifiedAt(liveName(claim.nonce)) === null) return "over";
  if (!await isDead(context, claim, wait)) return "again";
  await directory.removeLive(claim.nonce);
  return "over";
}

/**
 * On this host the port decides: it belongs to the process until that ends, even while suspended. So if the process may
 * be here, neither silence nor our own failure to ask means death. A host that is not known may be this one or another.
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
 * Whether a file that should be written every second no longer is. Two things must hold. It did not change while we
 * watched for longer than its writer trusts itself, counted in polls, so that a poll delayed by our own suspension
 * counts as one. And it is old compared with our own live file, which we write now, so that a watch need not start at
 * zero. If the file system's clock was set back, the watch lasts that long.
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
 * What this host knows of the process that made a claim. `dead`: nothing answers for it. `ended`: it answered, then let
 * go or died. `silent`: something has its port and said nothing for too long. `closed`: something closes connections
 * without a word, as a process out of file descriptors does. `unclear`: it could not be asked.
 */
export type Asked = "dead" | "ended" | "silent" | "closed" | "unclear";

interface AskOptions {
  signal: AbortSignal;
  /**
   * How long to put up with silence.
   * @default no limit: a suspended process is silent
   */
  patienceMs?: number | undefined;
}

/** Pauses before asking again if the connection was closed: the process may be just ending. */
const PAUSES_MS = [1, 2, 5, 40];

/** Asks the process that made a claim. If it answers, waits until its connection ends. */
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

/** Other failures (no file descriptors, a sandbox) say nothing about the other process. */
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
    signal.throwIfAborted(); // May have been aborted while connecting.
    await connection.write(question(challenge)).catch(() => {}); // Reading reports a broken connection.
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
