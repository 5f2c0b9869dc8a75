import { parseJsonObject, randomToken } from "../../core/encoding.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import { delay } from "../../core/time.ts";
import type { Tcp, TcpConnection, TcpListener } from "../../runtime/runtime.ts";
import { systemCode } from "../own_file.ts";
import type { LockContext } from "./lock.ts";

/**
 * What is known of the process that made a claim, as far as this host goes: `dead`, nothing answers for it; `ended`, it
 * did answer, and has let go or died since; `silent`, something has its port and said nothing for too long; `unclear`, it
 * could not be asked.
 */
export type Asked = "dead" | "ended" | "silent" | "unclear";

/** How a holder is asked. */
export interface AskOptions {
  /** Ends the asking and the waiting. */
  signal: AbortSignal;
  /**
   * How long silence is waited for, in milliseconds.
   * @default without end: a process that is suspended is silent
   */
  patienceMs?: number;
}

/**
 * The pauses before a connection that was closed without an answer is tried again, in milliseconds: the first ones for a
 * process that is just ending, the last for one that is short of open files and accepts only to close.
 */
const PAUSES_MS = [1, 2, 5, 40];

/** Asks for the process that made a claim and, when it answers, waits until its connection ends. */
export async function askHolder(tcp: Tcp, claim: Claim, { signal, patienceMs }: AskOptions): Promise<Asked> {
  const stop = new AbortController();
  const giveUp = () => stop.abort();
  const timer = patienceMs === undefined ? undefined : setTimeout(giveUp, patienceMs);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    signal.throwIfAborted();
    return await askRepeatedly(tcp, claim, { signal: stop.signal, onAnswer: () => clearTimeout(timer) });
  } catch (error) {
    signal.throwIfAborted();
    if (stop.signal.aborted) return "silent";
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
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

/** The answer to who asks for another process: no beginning of the right one. */
const REFUSAL = "not me\n";

/**
 * What is asked at a port, to hear whether the process that made a claim still runs. It looks like HTTP, so that any
 * other program that got the port since then answers at once, and differently.
 */
export function question(nonce: string): string {
  return `GET /${nonce} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
}

/** The answer of the process that made the claim. It is not part of the question: some programs send back what they get. */
export function answer(nonce: string): string {
  return `held ${nonce}\n`;
}

/**
 * Listens for those who wait for this process. They are answered and stay connected: that the connection ends, which
 * the system sees to also when the process is killed, tells them that it is their turn.
 *
 * @throws {ClerkCliAuthError} `storage` when it cannot listen.
 */
export async function openBeacon(tcp: Tcp, nonce: string): Promise<TcpListener> {
  try {
    return await tcp.listen((connection) => {
      reply(connection, nonce).catch(() => connection.close()); // The other side is gone: nobody is left to answer.
    });
  } catch (cause) {
    throw new ClerkCliAuthError("storage", "Cannot lock the credentials without a port of 127.0.0.1", {
      action: "Permit it (in Deno: --allow-net=127.0.0.1)",
      cause,
    });
  }
}

async function reply(connection: TcpConnection, nonce: string): Promise<void> {
  const expected = question(nonce);
  let asked = "";
  while (asked.length < expected.length) {
    const text = await connection.read();
    if (text === null) return connection.close();
    asked += text;
  }
  await connection.write(asked === expected ? answer(nonce) : REFUSAL);
  if (asked !== expected) connection.close();
}

/** What a process says of itself where it takes the lock. */
export interface Claim {
  /** Where its beacon listens, on 127.0.0.1. */
  port: number;
  /** What its beacon knows and no other program: who answers to it is the process that made the claim. */
  nonce: string;
  /** The host, or container, that it runs on; `null` where this cannot be known. */
  host: string | null;
}

/** Reads a claim; `undefined` when it is not written to its end yet. */
export function parseClaim(text: string): Claim | undefined {
  const { port, nonce, host } = parseJsonObject(text) ?? {};
  if (typeof port !== "number" || typeof nonce !== "string") return undefined;
  return { port, nonce, host: typeof host === "string" ? host : null };
}

/** The text of a claim; the counter shows those who cannot reach the process that it goes on. */
export function formatClaim(claim: Claim, counter = 0): string {
  return JSON.stringify({ ...claim, counter });
}

/** What shows others that a process is there: a beacon, and a file beside the numbers that names it. */
export interface Presence {
  readonly claim: Claim;
  /** Puts the claim under a number; `false` when that is taken, or when the file is gone. */
  linkNumber(number: number): Promise<boolean>;
  /** Whether a number is, still, that of this process. */
  isUnder(number: number): Promise<boolean>;
  /** Whether the file is still there: a holder tidies away those of processes that wait for long. */
  isIntact(): Promise<boolean>;
  /** Shows those who cannot reach the beacon that the process goes on. */
  beat(counter: number): Promise<void>;
  /** Lets go of whatever number was taken. */
  close(): Promise<void>;
}

/** Opens the beacon first: a claim that others can read must be one that is answered for. */
export async function openPresence({ runtime, folder }: LockContext): Promise<Presence> {
  const nonce = randomToken(runtime.randomBytes);
  const beacon = await openBeacon(runtime.tcp, nonce);
  const claim: Claim = { port: beacon.port, nonce, host: runtime.hostIdentity() };
  const text = formatClaim(claim);
  try {
    await folder.createLive(nonce, text);
  } catch (error) {
    await beacon.close();
    throw error;
  }
  return {
    claim,
    linkNumber: (number) => folder.linkNumber(number, { nonce, text }),
    isUnder: async (number) => await folder.readNumber(number) === text,
    isIntact: async () => await folder.readLive(nonce) !== null,
    beat: (counter) => folder.replaceLive(nonce, formatClaim(claim, counter)),
    async close() {
      // Closing the beacon lets go, too; a file that cannot be removed is tidied away by others.
      await folder.removeLive(nonce).catch(() => {});
      await beacon.close();
    },
  };
}
