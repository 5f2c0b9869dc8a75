import { parseJsonObject, randomToken, sha256 } from "../../core/encoding.ts";
import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Runtime, Tcp, TcpConnection, TcpListener } from "../../runtime/runtime.ts";
import { liveName, type LockContext } from "./lock_directory.ts";

/** What shows others that a process is there: a beacon, and a live file that names it. */
export interface Presence {
  readonly claim: Claim;
  /** The claim as it is written under the number. */
  readonly text: string;
  /** Writes the live file anew, which shows those who cannot reach the beacon that the process goes on. */
  beat(): Promise<void>;
  /** Runs since the last beat that succeeded began. */
  readonly sinceBeat: Stopwatch;
  /** When the live file was written last, by the clock of the file system; `null` if others have removed it. */
  beatenAt(): Promise<number | null>;
  /** Lets go of whatever number was taken. */
  close(): Promise<void>;
}

/** Tells what time has passed since it was started, in milliseconds. */
export type Stopwatch = () => number;

/** By two clocks: one may stand still while the machine sleeps, the other may be set back. The longer time counts. */
function startStopwatch(runtime: Runtime): Stopwatch {
  const [ticks, time] = [performance.now(), runtime.now()];
  return () => Math.max(performance.now() - ticks, runtime.now() - time);
}

/** Opens the beacon first: a claim that others can read must be one that is answered for. */
export async function openPresence({ runtime, directory }: LockContext): Promise<Presence> {
  const nonce = randomToken(runtime.randomBytes);
  const beacon = await openBeacon(runtime.tcp, nonce);
  let sinceBeat = startStopwatch(runtime);
  const claim: Claim = { port: beacon.port, nonce, host: runtime.hostIdentity() };
  const text = JSON.stringify(claim);
  try {
    const live = await directory.createLive(nonce, text);
    return {
      claim,
      text,
      async beat() {
        const started = startStopwatch(runtime);
        await live.rewrite();
        sinceBeat = started;
      },
      get sinceBeat() {
        return sinceBeat;
      },
      beatenAt: () => directory.modifiedAt(liveName(nonce)),
      async close() {
        // Closing the beacon lets go, too; a file that cannot be removed is tidied away by others.
        await live.close().then(() => directory.removeLive(nonce)).catch(() => {});
        await beacon.close();
      },
    };
  } catch (error) {
    await beacon.close();
    throw error;
  }
}

/** What a process says of itself where it takes the lock. */
export interface Claim {
  /** Where its beacon listens, on 127.0.0.1. */
  port: number;
  /** What its beacon knows and no other program: whoever proves to know it is the process that made the claim. */
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

/**
 * What is asked at a port, to hear whether the process that made a claim still runs. It looks like HTTP, so that any
 * other program that got the port since then answers at once, and differently.
 */
export function question(challenge: string): string {
  return `GET /${challenge} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
}

const QUESTION = /^GET \/([\w-]{43}) HTTP\/1\.1\r\nHost: 127\.0\.0\.1\r\n\r\n$/;
const QUESTION_LENGTH = question("x".repeat(43)).length;

/** The answer of the process that made a claim: it proves that it knows the nonce, and does not tell it. */
export async function answer(nonce: string, challenge: string): Promise<string> {
  return `held ${await sha256(`${nonce} ${challenge}`)}\n`;
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
