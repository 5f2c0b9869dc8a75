import { parseJsonObject, randomToken, sha256 } from "../../core/encoding.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import { startStopwatch, type Stopwatch } from "../../core/time.ts";
import type { Tcp, TcpConnection, TcpListener } from "../../runtime/runtime.ts";
import { liveName, type LockContext } from "./lock_directory.ts";

/** Shows others that a process is alive: a beacon, and a live file that names it. */
export interface Presence {
  readonly claim: Claim;
  /** The claim, as written under the number. */
  readonly text: string;
  /** Rewrites the live file, for those who cannot reach the beacon. */
  beat(): Promise<void>;
  /** Runs since the start of the last successful beat. */
  readonly sinceBeat: Stopwatch;
  /** When the live file was last written, by the file system's clock; `null` if others removed it. */
  beatenAt(): Promise<number | null>;
  /** Lets go of any number taken. */
  close(): Promise<void>;
}

/** Opens the beacon first: a claim that others can read must be answered for. */
export async function openPresence({ runtime, directory }: LockContext): Promise<Presence> {
  const nonce = randomToken(runtime.randomBytes);
  const beacon = await openBeacon(runtime.tcp, nonce);
  let sinceBeat = startStopwatch(runtime.now);
  const claim: Claim = { port: beacon.port, nonce, host: runtime.hostIdentity() };
  const text = JSON.stringify(claim);
  try {
    const live = await directory.createLive(nonce, text);
    return {
      claim,
      text,
      async beat() {
        const started = startStopwatch(runtime.now);
        await live.rewrite();
        sinceBeat = started;
      },
      get sinceBeat() {
        return sinceBeat;
      },
      beatenAt: () => directory.modifiedAt(liveName(nonce)),
      async close() {
        // Closing the beacon lets go too. Others tidy away a file that cannot be removed.
        await live.close().then(() => directory.removeLive(nonce)).catch(() => {});
        await beacon.close();
      },
    };
  } catch (error) {
    await beacon.close();
    throw error;
  }
}

/** What a process states when it takes the lock. */
export interface Claim {
  /** Port of its beacon on 127.0.0.1. */
  port: number;
  /** Known to its beacon alone: whoever proves to know it made the claim. */
  nonce: string;
  /** The host or container it runs on; `null` if unknown. */
  host: string | null;
}

/** Parses a claim; `undefined` while it is half-written. */
export function parseClaim(text: string): Claim | undefined {
  const { port, nonce, host } = parseJsonObject(text) ?? {};
  if (typeof port !== "number" || typeof nonce !== "string") return undefined;
  return { port, nonce, host: typeof host === "string" ? host : null };
}

/**
 * Asks at a port whether the process that made a claim still runs. It looks like HTTP, so any other program that has
 * the port by now answers at once, and differently.
 */
export function question(challenge: string): string {
  return `GET /${challenge} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
}

const QUESTION = /^GET \/([\w-]{43}) HTTP\/1\.1\r\nHost: 127\.0\.0\.1\r\n\r\n$/;
const QUESTION_LENGTH = question("x".repeat(43)).length;

/** Answers for the process that made a claim: proves that it knows the nonce, without revealing it. */
export async function answer(nonce: string, challenge: string): Promise<string> {
  return `held ${await sha256(`${nonce} ${challenge}`)}\n`;
}

/**
 * Listens for processes that wait for this one. They are answered and stay connected. The end of the connection, which
 * the system ensures even if this process is killed, tells them that it is their turn.
 *
 * @throws {ClerkCliAuthError} `storage` if it cannot listen.
 */
export async function openBeacon(tcp: Tcp, nonce: string): Promise<TcpListener> {
  try {
    return await tcp.listen((connection) => {
      reply(connection, nonce).catch(() => connection.close()); // The other side is gone.
    });
  } catch (cause) {
    throw new ClerkCliAuthError("storage", "Cannot lock the credentials without a port on 127.0.0.1", {
      action: "Permit it (in Deno: --allow-net=127.0.0.1)",
      cause,
    });
  }
}

async function reply(connection: TcpConnection, nonce: string): Promise<void> {
  let asked = "";
  while (asked.length < QUESTION_LENGTH) {
    const text = await connection.read();
    if (text === null) return connection.close();
    asked += text;
  }
  const challenge = QUESTION.exec(asked)?.[1];
  if (challenge === undefined) return connection.close();
  await connection.write(await answer(nonce, challenge));
}
