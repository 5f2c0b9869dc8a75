import type { Tcp, TcpConnection } from "../../runtime/runtime.ts";
import { systemCode } from "../file_error.ts";
import { answer, question } from "./beacon.ts";
import type { Claim } from "./claim.ts";
import { delay } from "../../core/delay.ts";

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
