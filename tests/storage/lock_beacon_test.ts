import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import type { Tcp, TcpConnection } from "../doors/runtime.ts";
import { answer, openBeacon, question } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { systemError } from "../harness/fake_runtime.ts";

const NONCE = "nonce-of-the-holder";
const CHALLENGE = "challenge".padEnd(43, "_");

let written: string[];
let isClosed: boolean;
beforeEach(() => {
  written = [];
  isClosed = false;
});

/** Makes the beacon read these texts, then the end of the connection, or an error. */
async function hear(...texts: (string | null | Error)[]): Promise<void> {
  const rest = [...texts];
  let isDone = () => {};
  const done = new Promise<void>((resolve) => isDone = resolve);
  const connection: TcpConnection = {
    write: (text) => Promise.resolve(void written.push(text)).finally(isDone),
    read: () => {
      const next = rest.shift() ?? null;
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
    close: () => {
      isClosed = true;
      isDone();
    },
  };
  const tcp: Pick<Tcp, "listen"> = {
    listen: (onConnection) => {
      onConnection(connection);
      return Promise.resolve({ port: 1, close: () => Promise.resolve() });
    },
  };
  await openBeacon(tcp as Tcp, NONCE);
  await done;
  await new Promise((resolve) => setTimeout(resolve));
}

describe("openBeacon()", () => {
  it("answers those who ask for the holder, and stays connected", async () => {
    await hear(question(CHALLENGE));
    assertEquals([written, isClosed], [[await answer(NONCE, CHALLENGE)], false]);
  });

  it("answers a question that arrives in pieces", async () => {
    await hear(...question(CHALLENGE));
    assertEquals([written, isClosed], [[await answer(NONCE, CHALLENGE)], false]);
  });

  const others: Record<string, string> = {
    "asks with less of a challenge": question(CHALLENGE.slice(1)) + "x",
    "asks more": `${question(CHALLENGE)}more`,
    "is a browser": `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: a browser\r\nAccept: text/html\r\n\r\n`,
    "sends without end": "x".repeat(100_000),
  };
  for (const [who, text] of Object.entries(others)) {
    it(`silently ends the connection of one that ${who}`, async () => {
      await hear(text);
      assertEquals([written, isClosed], [[], true]);
    });
  }

  it("drops a connection that ends or breaks in the middle of the question", async () => {
    for (const end of [null, systemError("ECONNRESET")]) {
      isClosed = false;
      await hear(question(CHALLENGE).slice(1), end);
      assertEquals([written, isClosed], [[], true]);
    }
  });

  it("reports what is missing if it may not listen", async () => {
    const cause = systemError("EACCES");
    const tcp: Pick<Tcp, "listen"> = { listen: () => Promise.reject(cause) };
    const error = await caught(() => openBeacon(tcp as Tcp, NONCE));
    assertEquals([error.code, error.message, error.action], [
      "storage",
      "Cannot lock the credentials without a port on 127.0.0.1",
      "Permit it (in Deno: --allow-net=127.0.0.1)",
    ]);
    assertStrictEquals(error.cause, cause);
  });
});

describe("question() and answer()", () => {
  it("look like HTTP, and prove the nonce without revealing it", async () => {
    assertEquals(question("abc"), "GET /abc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    const answers = [
      await answer("nonce", "abc"),
      await answer("nonce", "abd"),
      await answer("other", "abc"),
    ];
    assertEquals(new Set(answers).size, 3);
    for (const text of answers) assertMatch(text, /^held [\w-]{43}\n$/);
  });
});
