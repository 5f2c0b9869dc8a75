import { parseJsonObject, randomToken } from "../../core/encoding.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Tcp, TcpConnection, TcpListener } from "../../runtime/runtime.ts";
import type { LockContext } from "./lock_directory.ts";

/** What shows others that a process is there: a beacon, and a file beside the numbers that names it. */
export interface Presence {
  readonly claim: Claim;
  /** The claim as it is written under the number. */
  readonly text: string;
  /** Puts the claim under a number; `false` when that is taken, or when the file is gone. */
  linkNumber(number: number): Promise<boolean>;
  /** Whether the file is still there: a holder tidies away those of processes that wait for long. */
  isIntact(): Promise<boolean>;
  /** Shows those who cannot reach the beacon that the process goes on. */
  beat(counter: number): Promise<void>;
  /** Lets go of whatever number was taken. */
  close(): Promise<void>;
}

/** Opens the beacon first: a claim that others can read must be one that is answered for. */
export async function openPresence({ runtime, directory }: LockContext): Promise<Presence> {
  const nonce = randomToken(runtime.randomBytes);
  const beacon = await openBeacon(runtime.tcp, nonce);
  const claim: Claim = { port: beacon.port, nonce, host: runtime.hostIdentity() };
  const text = formatClaim(claim);
  try {
    await directory.createLive(nonce, text);
  } catch (error) {
    await beacon.close();
    throw error;
  }
  return {
    claim,
    text,
    linkNumber: (number) => directory.linkNumber(number, { nonce, text }),
    isIntact: async () => await directory.readLive(nonce) !== null,
    beat: (counter) => directory.replaceLive(nonce, formatClaim(claim, counter)),
    async close() {
      // Closing the beacon lets go, too; a file that cannot be removed is tidied away by others.
      await directory.removeLive(nonce).catch(() => {});
      await beacon.close();
    },
  };
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

/** The answer to who asks for another process: no beginning of the right one. */
const REFUSAL = "not me\n";

/**
 * What is asked at a port, to hear whether the process that made a claim still runs. It looks like HTTP, so that any
 * other program that got the port since then answers at once, and differently.
 */
export function question(nonce: string): string {
  return `GET /${nonce} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
}

/**
 * The answer of the process that made the claim. It is not part of the question: some programs send back what they
 * get.
 */
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
