import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { loadRuntime, type Runtime, type Tcp } from "../doors/runtime.ts";
import { answer, type CredentialLock, credentialLock, formatClaim } from "../doors/storage.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { advanceUntil } from "./support/advance_until.ts";
import { observeTcp } from "./support/observed_tcp.ts";

const STANDSTILL_MS = 700;
/** How long one that may be on another host is given to answer, and how often it is looked at after that. */
const PATIENCE_MS = 1_000;
const POLL_MS = 250;
/** The first look after it has stood still for that long. */
const OVERTAKEN_MS = 750;
/** The pauses before one is asked again that closes the connection without a word. */
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

function take(lock: CredentialLock, signal = NEVER): Promise<void> {
  return lock.withLock(() => Promise.resolve(), { signal });
}

/** Lets the live file of whoever holds the lock disappear: to others it has let go. */
async function letGo(): Promise<void> {
  const live = (await readdir(`${path}.lock`)).filter((name) => name.endsWith(".live"));
  await Promise.all(live.map((name) => rm(join(`${path}.lock`, name))));
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
  let isOpen = true;
  const server: Server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    if (isOpen) onConnection(socket);
    else socket.destroy(); // It was under way when the others were ended.
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
  it("is not taken for dead because its port answers nobody here, but when it stood still for long", async () => {
    await leaveHolder({ host: "there", port: await portOfNobody() });
    assertEquals(await advanceUntil(clock, take(lockOn("here")), POLL_MS), OVERTAKEN_MS);
  });

  it("is taken for dead when it stood still, though a program is silent at its port here", async () => {
    const { port, close } = await serve(() => {});
    await leaveHolder({ host: "there", port });
    const taking = take(lockOn("here"));
    await clock.untilSet(PATIENCE_MS);
    await clock.advance(PATIENCE_MS);
    assertEquals(await advanceUntil(clock, taking, POLL_MS), OVERTAKEN_MS);
    await close();
  });

  it("is waited for as long as its counter goes on", async () => {
    const port = await portOfNobody();
    await leaveHolder({ host: "there", port });
    const stop = new AbortController();
    const taking = take(lockOn("here"), stop.signal);
    for (let counter = 1; counter <= 10; counter++) {
      await clock.untilSet(POLL_MS);
      await leaveHolder({ host: "there", port, counter });
      await clock.advance(POLL_MS);
    }
    await clock.untilSet(POLL_MS);
    const reason = new Error("no more time");
    stop.abort(reason);
    assertStrictEquals(await assertRejects(() => taking), reason);
  });

  it("is followed soon after it has let go", async () => {
    await leaveHolder({ host: "there", port: await portOfNobody() });
    const taking = take(lockOn("here"));
    await clock.untilSet(POLL_MS);
    await letGo();
    assertEquals(await advanceUntil(clock, taking, POLL_MS), POLL_MS);
  });

  it("learns that it was taken for dead", async () => {
    const stillHeld = await lockOn("there").withLock(async (held) => {
      await letGo();
      await take(lockOn("here"));
      return await held.isStillHeld();
    }, { signal: NEVER });
    assertEquals(stillHeld, false);
  });

  it("learns that the lock was removed and taken anew", async () => {
    const stillHeld = await lockOn("there").withLock(async (held) => {
      await rm(`${path}.lock`, { recursive: true });
      await take(lockOn("here"));
      return await held.isStillHeld();
    }, { signal: NEVER });
    assertEquals(stillHeld, false);
  });
});

describe("a holder on a host that is not known", () => {
  it("is waited for over its port where that answers", async () => {
    const { tcp, answered } = observeTcp(runtime.tcp);
    let isDone = false;
    const second = await lockOn(null).withLock(async () => {
      const second = lockOn(null, tcp).withLock(() => Promise.resolve(isDone), { signal: NEVER });
      await answered;
      await clock.advance(10 * STANDSTILL_MS);
      isDone = true;
      return { hasHeldAfterwards: second };
    }, { signal: NEVER });
    assertEquals(await second.hasHeldAfterwards, true);
  });

  for (const [own, other] of [[null, null], ["here", null], [null, "there"]] as const) {
    it(`is not overtaken while its port is silent, as that of a suspended process is (${own}, ${other})`, async () => {
      const { port, close } = await serve(() => {});
      await leaveHolder({ host: other, port });
      const stop = new AbortController();
      const taking = take(lockOn(own), stop.signal);
      for (let times = 0; times < 3; times++) await standStill();
      await clock.untilSet(PATIENCE_MS);
      const reason = new Error("no more time");
      stop.abort(reason);
      assertStrictEquals(await assertRejects(() => taking), reason);
      await close();
    });
  }

  it("is followed once it has let go, though a stranger's program is silent at its port", async () => {
    const { port, close } = await serve(() => {});
    await leaveHolder({ host: null, port });
    const taking = take(lockOn(null));
    await standStill();
    await clock.untilSet(PATIENCE_MS);
    await letGo();
    await clock.advance(PATIENCE_MS);
    await advanceUntil(clock, taking, POLL_MS);
    await close();
  });

  it("is taken for dead only when it stood still", async () => {
    await leaveHolder({ host: null, port: await portOfNobody() });
    assertEquals(await advanceUntil(clock, take(lockOn(null)), POLL_MS), OVERTAKEN_MS);
  });

  /** Lets a holder be silent for as long as it is asked, and then stand still for long enough to be dead. */
  async function standStill(): Promise<void> {
    await clock.untilSet(PATIENCE_MS);
    await clock.advance(PATIENCE_MS);
    for (let passedMs = 0; passedMs < OVERTAKEN_MS; passedMs += POLL_MS) {
      await clock.untilSet(POLL_MS);
      await clock.advance(POLL_MS);
    }
  }
});

describe("the port of a dead holder", () => {
  const HOST = "here";

  it("that nobody has leaves the lock free", async () => {
    await leaveHolder({ host: HOST, port: await portOfNobody() });
    assertEquals(await advanceUntil(clock, take(lockOn(HOST))), 0);
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
      await advanceUntil(clock, take(lockOn(HOST)), ...PAUSES_MS);
      await close();
    });
  }

  it("that stays silent is that of a suspended holder: it is waited for, until the caller has no more time", async () => {
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => isAsked = resolve);
    const { port, close } = await serve((socket) => void socket.once("data", isAsked));
    await leaveHolder({ host: HOST, port });
    const reason = new Error("no more time");
    const stop = new AbortController();
    const taking = take(lockOn(HOST), stop.signal);
    await asked;
    await clock.advance(10 * STANDSTILL_MS);
    stop.abort(reason);
    assertStrictEquals(await assertRejects(() => taking), reason);
    await close();
  });
});

describe("a number that was never written to its end", () => {
  it("is left to its taker for as long as a holder that cannot be asked", async () => {
    await writeFile(join(`${path}.lock`, "1"), "");
    assertEquals(await advanceUntil(clock, take(lockOn("here")), POLL_MS), OVERTAKEN_MS);
  });
});
