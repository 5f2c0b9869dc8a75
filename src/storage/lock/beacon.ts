import { ClerkCliAuthError } from "../../core/errors.ts";
import type { Tcp, TcpConnection, TcpListener } from "../../runtime/runtime.ts";

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
