import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { loadRuntime, type Runtime, type Tcp } from "../doors/runtime.ts";
import { type CredentialLock, credentialLock } from "../doors/storage.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { advanceUntil } from "./support/advance_until.ts";
import { observeTcp } from "./support/observed_tcp.ts";

/** How long a holder that may be on another host has to answer, and how often it is checked after that. */
const PATIENCE_MS = 1_000;
const POLL_MS = 250;
/** The first check after which it is dead: if killed just now, and if killed before. */
const OVERTAKEN_MS = 5_000;
const OVERTAKEN_OLD_MS = 2_250;
/** The age of a file of just now: negative, so that it does not become old while a slow machine runs the test. */
const NEW_MS = -60_000;
/** Pauses before asking again if the connection was silently closed. */
const PAUSES_MS = [1, 2, 5, 40];
const NONCE = "nonce";
const NEVER = new AbortController().signal;

let folder: TemporaryFolder;
let runtime: Runtime;
let path: string;
let clock: FakeClock;

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  runtime = await loadRuntime();
  path = join(folder.path, "credentials.json");
  await mkdir(`${path}.lock`);
  clock = installFakeClock();
});
afterEach(async () => {
  clock.uninstall();
  await folder.remove();
});

/** The lock as a process on a host sees it. */
function lockOn(host: string | null, tcp: Tcp = runtime.tcp): CredentialLock {
  return credentialLock({
    runtime: { ...runtime, tcp, hostIdentity: () => host },
    path,
  });
}

/** Leaves the files of a process that holds the lock and last showed itself so long ago. */
async function leaveHolder(
  { host, port, ageMs = NEW_MS }: { host: string | null; port: number; ageMs?: number },
) {
  const text = JSON.stringify({ port, nonce: NONCE, host });
  for (const name of ["1", `${NONCE}.live`]) await leaveFile(name, { text, ageMs });
}

async function leaveFile(name: string, { text, ageMs }: { text: string; ageMs: number }): Promise<void> {
  const at = (Date.now() - ageMs) / 1000;
  await writeFile(join(`${path}.lock`, name), text);
  await utimes(join(`${path}.lock`, name), at, at);
}

function take(lock: CredentialLock, signal = NEVER): Promise<void> {
  return lock.withLock(() => Promise.resolve(), { signal });
}

/** Removes that holder's live file: to others it has let go. */
async function letGo(): Promise<void> {
  await rm(join(`${path}.lock`, `${NONCE}.live`));
}

/** Removes all live files. */
async function removeLiveFiles(): Promise<void> {
  await Promise.all((await liveFiles()).map((file) => rm(file)));
}

async function liveFiles(): Promise<string[]> {
  const names = (await readdir(`${path}.lock`)).filter((name) => name.endsWith(".live"));
  return names.map((name) => join(`${path}.lock`, name));
}

async function portOfNobody(): Promise<number> {
  const { port, close } = await serve(() => {});
  await close();
  return port;
}

/** A program that happens to have a holder's port. */
async function serve(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server: Server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    if (isOpen) onConnection(socket);
    else socket.destroy(); // It was connecting while the others were ended.
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      isOpen = false;
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port: (server.address() as AddressInfo).port, close };
}

describe("a holder on another host", () => {
  it("is dead if it was still for long, not because its port answers nobody here", async () => {
    await leaveHolder({ host: "there", port: await portOfNobody() });
    assertEquals(await advanceUntil(clock, take(lockOn("here")), POLL_MS), OVERTAKEN_MS);
  });

  it("is dead if it was still, even if a program is silent on its port here", async () => {
    const { port, close } = await serve(() => {});
    await leaveHolder({ host: "there", port });
    const taking = take(lockOn("here"));
    await clock.untilSet(PATIENCE_MS);
    await clock.advance(PATIENCE_MS);
    assertEquals(await advanceUntil(clock, taking, POLL_MS), OVERTAKEN_MS);
    await close();
  });

  it("is found dead at once if it was killed a while ago, say before this host rebooted", async () => {
    await leaveHolder({ host: "there", port: await portOfNobody(), ageMs: 4_000 });
    assertEquals(await advanceUntil(clock, take(lockOn("here")), POLL_MS), OVERTAKEN_OLD_MS);
  });

  it("is waited for while it shows that it is alive", async () => {
    const port = await portOfNobody();
    await leaveHolder({ host: "there", port, ageMs: 3_600_000 });
    const stop = new AbortController();
    const taking = take(lockOn("here"), stop.signal);
    for (let polls = 1; polls <= 40; polls++) {
      await clock.untilSet(POLL_MS);
      // As late as possible before the holder would give up the lock.
      if (polls % 8 === 0) await leaveHolder({ host: "there", port, ageMs: 3_600_000 - 250 * polls });
      await clock.advance(POLL_MS);
    }
    await clock.untilSet(POLL_MS);
    const reason = new Error("no more time");
    stop.abort(reason);
    assertStrictEquals(await assertRejects(() => taking), reason);
  });

  it("is followed soon after it lets go", async () => {
    await leaveHolder({ host: "there", port: await portOfNobody() });
    const taking = take(lockOn("here"));
    await clock.untilSet(POLL_MS);
    await letGo();
    assertEquals(await advanceUntil(clock, taking, POLL_MS), POLL_MS);
  });

  it("learns that it was taken for dead", async () => {
    const stillHeld = await lockOn("there").withLock(async (held) => {
      await removeLiveFiles();
      await take(lockOn("here"));
      return await held.isStillHeld();
    }, { signal: NEVER });
    assertEquals(stillHeld, false);
  });

  it("no longer holds the lock after being still for so long that it may be taken for dead", async () => {
    const stillHeld = await lockOn("there").withLock(async (held) => {
      const looks = [await held.isStillHeld()];
      clock.suspend(2_000);
      looks.push(await held.isStillHeld());
      clock.suspend(1);
      looks.push(await held.isStillHeld());
      await clock.advance(10_000);
      return [...looks, await held.isStillHeld()];
    }, { signal: NEVER });
    assertEquals(stillHeld, [true, true, false, false]);
  });

  it("removes nothing of its successor when it wakes up", async () => {
    for (let number = 1; number < 32; number++) await take(lockOn("there"));
    let successor: Promise<boolean> | undefined;
    let letSuccessorGo = () => {};
    await lockOn("there").withLock(async () => {
      await removeLiveFiles();
      await new Promise<void>((resolve) => {
        successor = lockOn("here").withLock(async (held) => {
          const [live = ""] = await liveFiles();
          await utimes(live, 1, 1); // It has waited for a long time.
          await new Promise<void>((letGo) => {
            letSuccessorGo = letGo;
            resolve();
          });
          return await held.isStillHeld();
        }, { signal: NEVER });
      });
    }, { signal: NEVER });
    letSuccessorGo();
    assertEquals(await successor, true);
  });

  it("learns that the lock was removed and taken again", async () => {
    const stillHeld = await lockOn("there").withLock(async (held) => {
      await rm(`${path}.lock`, { recursive: true });
      await take(lockOn("here"));
      return await held.isStillHeld();
    }, { signal: NEVER });
    assertEquals(stillHeld, false);
  });
});

describe("a holder on an unknown host", () => {
  it("is waited for over its port if that answers", async () => {
    const { tcp, answered } = observeTcp(runtime.tcp);
    let isDone = false;
    const second = await lockOn(null).withLock(async () => {
      const second = lockOn(null, tcp).withLock(() => Promise.resolve(isDone), { signal: NEVER });
      await answered;
      await clock.advance(10 * OVERTAKEN_MS);
      isDone = true;
      return { hasHeldAfterwards: second };
    }, { signal: NEVER });
    assertEquals(await second.hasHeldAfterwards, true);
  });

  for (const [own, other] of [[null, null], ["here", null], [null, "there"]] as const) {
    it(`is not overtaken while its port is silent, like that of a suspended process (${own}, ${other})`, async () => {
      const { port, close } = await serve(() => {});
      await leaveHolder({ host: other, port });
      const stop = new AbortController();
      const taking = take(lockOn(own), stop.signal);
      for (let times = 0; times < 30; times++) {
        await clock.untilSet(PATIENCE_MS);
        await clock.advance(PATIENCE_MS);
      }
      await clock.untilSet(PATIENCE_MS);
      const reason = new Error("no more time");
      stop.abort(reason);
      assertStrictEquals(await assertRejects(() => taking), reason);
      await close();
    });
  }

  it("is followed once it lets go, even if a stranger's program is silent on its port", async () => {
    const { port, close } = await serve(() => {});
    await leaveHolder({ host: null, port });
    const taking = take(lockOn(null));
    await clock.untilSet(PATIENCE_MS);
    await letGo();
    await clock.advance(PATIENCE_MS);
    await advanceUntil(clock, taking, POLL_MS);
    await close();
  });

  it("is dead only after showing nothing for long", async () => {
    const port = await portOfNobody();
    await leaveHolder({ host: null, port });
    assertEquals(await advanceUntil(clock, take(lockOn(null)), POLL_MS), OVERTAKEN_MS);
  });
});

describe("the port of a dead holder", () => {
  const HOST = "here";

  it("leaves the lock free if nobody has it", async () => {
    await leaveHolder({ host: HOST, port: await portOfNobody() });
    assertEquals(await advanceUntil(clock, take(lockOn(HOST))), 0);
  });

  const foreign: Record<string, (socket: Socket) => void> = {
    "answers HTTP": (socket) => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    "speaks first": (socket) => socket.write("220 mail.example ESMTP\r\n"),
    "sends back what it gets": (socket) => socket.pipe(socket),
    "holds another lock": (socket) => socket.write(`held ${"x".repeat(43)}\n`),
    "would pass the question on": (socket) =>
      socket.once("data", (text) => socket.write(`held ${/\/(\S+)/.exec(`${text}`)?.[1]}\n`)),
  };
  for (const [what, onConnection] of Object.entries(foreign)) {
    it(`leaves the lock free if it now belongs to a program that ${what}`, async () => {
      const { port, close } = await serve(onConnection);
      await leaveHolder({ host: HOST, port });
      assertEquals(await advanceUntil(clock, take(lockOn(HOST)), ...PAUSES_MS), 0);
      await close();
    });
  }

  it("leaves the lock free after a long silence if it now belongs to a program that closes at once", async () => {
    const { port, close } = await serve((socket) => socket.destroy());
    await leaveHolder({ host: HOST, port, ageMs: 4_000 });
    const tookMs = await advanceUntil(clock, take(lockOn(HOST)), POLL_MS, ...PAUSES_MS);
    assertEquals(tookMs, PAUSES_MS.reduce((sum, pauseMs) => sum + pauseMs, 0) + OVERTAKEN_OLD_MS);
    await close();
  });

  it("is not told what would answer for the holder", async () => {
    const heard: string[] = [];
    const { port, close } = await serve((socket) =>
      socket.once("data", (text) => {
        heard.push(`${text}`);
        socket.end("no\n");
      })
    );
    await leaveHolder({ host: HOST, port });
    await take(lockOn(HOST));
    assertEquals([heard.length, heard.join().includes(NONCE)], [1, false]);
    await close();
  });

  it("is that of a suspended holder if it stays silent, which is waited for until the caller runs out of time", async () => {
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => isAsked = resolve);
    const { port, close } = await serve((socket) => void socket.once("data", isAsked));
    await leaveHolder({ host: HOST, port });
    const reason = new Error("no more time");
    const stop = new AbortController();
    const taking = take(lockOn(HOST), stop.signal);
    await asked;
    await clock.advance(10 * OVERTAKEN_MS);
    stop.abort(reason);
    assertStrictEquals(await assertRejects(() => taking), reason);
    await close();
  });
});

describe("a half-written number", () => {
  it("is left to its taker for as long as a holder that cannot be asked", async () => {
    await leaveFile("1", { text: "", ageMs: NEW_MS });
    assertEquals(await advanceUntil(clock, take(lockOn("here")), POLL_MS), OVERTAKEN_MS);
  });
});
