import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { loadRuntime, type Runtime } from "../doors/runtime.ts";
import { answer, type CredentialLock, credentialLock, formatClaim } from "../doors/storage.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const STANDSTILL_MS = 700;
const NONCE = "nonce";

let folder: TemporaryFolder;
let runtime: Runtime;
let path: string;

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  runtime = await loadRuntime();
  path = join(folder.path, "credentials.json");
  await mkdir(`${path}.lock`);
});
afterEach(() => folder.remove());

/** The lock as a process on a host sees it. */
function lockOn(host: string | null): CredentialLock {
  return credentialLock({
    runtime: { ...runtime, hostIdentity: () => host },
    path,
    standstillMs: STANDSTILL_MS,
  });
}

/** Leaves what a process leaves that holds the lock. */
async function leaveHolder(
  { host, port, counter = 0 }: { host: string | null; port: number; counter?: number },
) {
  const text = formatClaim({ port, nonce: NONCE, host }, counter);
  await writeFile(join(`${path}.lock`, "1"), text);
  await writeFile(join(`${path}.lock`, `${NONCE}.live`), text);
}

/** Takes the lock; gives how long that took, in milliseconds. */
async function timeToTake(lock: CredentialLock, signal = AbortSignal.timeout(10_000)): Promise<number> {
  const began = performance.now();
  await lock.withLock(() => Promise.resolve(), { signal });
  return performance.now() - began;
}

async function portOfNobody(): Promise<number> {
  const { port, close } = await serve(() => {});
  await close();
  return port;
}

/** A program that happens to have the port of a holder. */
async function serve(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port: (server.address() as AddressInfo).port, close };
}

describe("a holder on another host", () => {
  it("is not taken for dead because its port answers nobody here, but when it stood still for long", async () => {
    await leaveHolder({ host: "there", port: await portOfNobody() });
    const tookMs = await timeToTake(lockOn("here"));
    assert(tookMs > STANDSTILL_MS, `It was overtaken after ${tookMs} ms`);
  });

  it("is taken for dead when it stood still, though a program is silent at its port here", async () => {
    const { port, close } = await serve(() => {});
    await leaveHolder({ host: "there", port });
    const tookMs = await timeToTake(lockOn("here"));
    assert(tookMs > STANDSTILL_MS, `It was overtaken after ${tookMs} ms`);
    await close();
  });

  it("is waited for as long as its counter goes on", async () => {
    const port = await portOfNobody();
    await leaveHolder({ host: "there", port });
    let counter = 0;
    const beating = setInterval(() => leaveHolder({ host: "there", port, counter: ++counter }), 300);
    try {
      await assertRejects(() => timeToTake(lockOn("here"), AbortSignal.timeout(4 * STANDSTILL_MS)));
    } finally {
      clearInterval(beating);
    }
  });

  it("is followed soon after it has let go", async () => {
    await leaveHolder({ host: "there", port: await portOfNobody() });
    setTimeout(() => rm(join(`${path}.lock`, `${NONCE}.live`)), 100);
    const tookMs = await timeToTake(lockOn("here"));
    assert(tookMs < STANDSTILL_MS, `It took ${tookMs} ms`);
  });

  it("learns that it was taken for dead", async () => {
    const stillHeld = await lockOn("there").withLock(async (held) => {
      // To others it has let go.
      const names = await readdir(`${path}.lock`);
      await Promise.all(
        names.filter((name) => name.endsWith(".live")).map((name) => rm(join(`${path}.lock`, name))),
      );
      await timeToTake(lockOn("here"));
      return await held.isStillHeld();
    }, { signal: AbortSignal.timeout(5_000) });
    assertEquals(stillHeld, false);
  });

  it("learns that the lock was removed and taken anew", async () => {
    const stillHeld = await lockOn("there").withLock(async (held) => {
      await rm(`${path}.lock`, { recursive: true });
      await timeToTake(lockOn("here"));
      return await held.isStillHeld();
    }, { signal: AbortSignal.timeout(5_000) });
    assertEquals(stillHeld, false);
  });
});

describe("a holder on a host that is not known", () => {
  it("is waited for over its port where that answers", async () => {
    let isDone = false;
    const first = lockOn(null).withLock(async () => {
      await new Promise((resolve) => setTimeout(resolve, 2 * STANDSTILL_MS));
      isDone = true;
    }, { signal: AbortSignal.timeout(5_000) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = lockOn(null).withLock(() => Promise.resolve(isDone), {
      signal: AbortSignal.timeout(5_000),
    });
    assertEquals(await second, true);
    await first;
  });

  for (const [own, other] of [[null, null], ["here", null], [null, "there"]] as const) {
    it(`is not overtaken while its port is silent, as that of a suspended process is (${own}, ${other})`, async () => {
      const { port, close } = await serve(() => {});
      await leaveHolder({ host: other, port });
      const signal = AbortSignal.timeout(1_000 + 3 * STANDSTILL_MS);
      await assertRejects(() => timeToTake(lockOn(own), signal), DOMException);
      await close();
    });
  }

  it("is followed once it has let go, though a stranger's program is silent at its port", async () => {
    const { port, close } = await serve(() => {});
    await leaveHolder({ host: null, port });
    setTimeout(() => rm(join(`${path}.lock`, `${NONCE}.live`)), 1_500 + STANDSTILL_MS);
    await timeToTake(lockOn(null));
    await close();
  });

  it("is taken for dead only when it stood still", async () => {
    await leaveHolder({ host: null, port: await portOfNobody() });
    const tookMs = await timeToTake(lockOn(null));
    assert(tookMs > STANDSTILL_MS, `It was overtaken after ${tookMs} ms`);
  });
});

describe("the port of a dead holder", () => {
  const HOST = "here";

  it("that nobody has leaves the lock free", async () => {
    await leaveHolder({ host: HOST, port: await portOfNobody() });
    assert(await timeToTake(lockOn(HOST)) < STANDSTILL_MS);
  });

  const foreign: Record<string, (socket: Socket) => void> = {
    "answers HTTP": (socket) => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    "speaks first": (socket) => socket.write("220 mail.example ESMTP\r\n"),
    "sends back what it gets": (socket) => socket.pipe(socket),
    "closes at once": (socket) => socket.destroy(),
    "holds another lock": (socket) => socket.write(answer("another nonce")),
  };
  for (const [what, onConnection] of Object.entries(foreign)) {
    it(`that now a program has which ${what} leaves the lock free`, async () => {
      const { port, close } = await serve(onConnection);
      await leaveHolder({ host: HOST, port });
      assert(await timeToTake(lockOn(HOST)) < STANDSTILL_MS);
      await close();
    });
  }

  it("that stays silent is that of a suspended holder: it is waited for, until the caller has no more time", async () => {
    const { port, close } = await serve(() => {});
    await leaveHolder({ host: HOST, port });
    const reason = new Error("no more time");
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 2 * STANDSTILL_MS);
    await assertRejects(() => timeToTake(lockOn(HOST), stop.signal), Error, "no more time");
    await close();
  });
});

describe("a number that was never written to its end", () => {
  it("is left to its taker for as long as a holder that cannot be asked", async () => {
    await writeFile(join(`${path}.lock`, "1"), "");
    const tookMs = await timeToTake(lockOn("here"));
    assert(tookMs > STANDSTILL_MS, `It was overtaken after ${tookMs} ms`);
  });
});
