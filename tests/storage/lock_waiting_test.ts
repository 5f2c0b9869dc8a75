import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime, type Runtime, type Tcp, type TcpConnection } from "../doors/runtime.ts";
import { awaitHolder, LockDirectory, type Presence } from "../doors/storage.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";
import { systemError } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { advanceUntil } from "./support/advance_until.ts";
import { answersAs } from "./support/answers_as.ts";

const NONCE = "nonce";
const LIVE = `${NONCE}.live`;
const OWN = "own-nonce";
/** How often a holder is looked at that cannot be asked. */
const POLL_MS = 250;
/** The first look after which it is dead: if it was old already, and if it was not. */
const OLD_MS = 2_250;
const WATCHED_MS = 5_000;
/** The pauses before one is asked again that closes the connection without a word, and after a number that is not there. */
const PAUSES_MS = [1, 2, 5, 40];
const GONE_MS = 1;
/** The pause after one that could not be asked. */
const UNCLEAR_MS = 50;
/** When our own live file was written last. */
const NOW = 1_800_000_000_000;
const NEVER = new AbortController().signal;

let temporary: TemporaryFolder;
let real: Runtime;
let clock: FakeClock;

beforeEach(async () => {
  temporary = await makeTemporaryFolder();
  real = await loadRuntime();
  clock = installFakeClock();
});
afterEach(async () => {
  clock.uninstall();
  await temporary.remove();
});

/** Leaves a file that was last written so long ago. */
async function leave(name: string, text: string, ageMs = 0): Promise<void> {
  const path = join(temporary.path, name);
  await writeFile(path, text);
  await utimes(path, (NOW - ageMs) / 1000, (NOW - ageMs) / 1000);
}

/** Leaves what the taker of number 1 leaves on a host. */
async function leaveHolder(host: string | null, { ageMs = 0, nonce = NONCE } = {}): Promise<void> {
  const text = JSON.stringify({ port: 4321, nonce, host });
  await leave("1", text, ageMs);
  await leave(`${nonce}.live`, text, ageMs);
}

/** A port that answers as the holder, and then ends the connection. */
const letsGo: Tcp["connect"] = () => Promise.resolve(answersAs(NONCE));

/** A port that closes every connection without a word. */
const closes: Tcp["connect"] = () => {
  const connection: TcpConnection = {
    write: () => Promise.resolve(),
    read: () => Promise.resolve(null),
    close: () => {},
  };
  return Promise.resolve(connection);
};

function fails(code: string): Tcp["connect"] {
  return () => Promise.reject(systemError(code));
}

/** Waits for the taker of number 1, as a process on the host "here". */
function wait(
  connect: Tcp["connect"],
  { signal = NEVER, onAsk }: { signal?: AbortSignal; onAsk?: (port: number) => void } = {},
): ReturnType<typeof awaitHolder> {
  const runtime: Runtime = { ...real, hostIdentity: () => "here", tcp: { ...real.tcp, connect } };
  const directory = new LockDirectory(runtime, temporary.path);
  const presence = {
    claim: { port: 1, nonce: OWN, host: "here" },
    beat: () => Promise.resolve(),
    beatenAt: () => Promise.resolve(NOW),
  } as Presence;
  return awaitHolder({ runtime, directory }, 1, { presence, signal, onAsk });
}

/** Waits, and lets time pass where the wait is for that. Gives how much had to. */
async function timed(
  connect: Tcp["connect"],
): Promise<[state: Awaited<ReturnType<typeof awaitHolder>>, tookMs: number]> {
  const waiting = wait(connect);
  const tookMs = await advanceUntil(clock, waiting, POLL_MS, UNCLEAR_MS, ...PAUSES_MS);
  return [await waiting, tookMs];
}

/** Waits for a holder that cannot be asked; something happens between two looks at it. Gives what came of the next look. */
async function waitThrough(event: () => Promise<void>): ReturnType<typeof awaitHolder> {
  const waiting = wait(fails("ECONNREFUSED"));
  await clock.untilSet(POLL_MS);
  await event();
  await clock.advance(POLL_MS);
  return await waiting;
}

describe("awaitHolder(), of a holder on this host", () => {
  beforeEach(() => leaveHolder("here"));

  it("tidies one away that is dead", async () => {
    assertEquals(await wait(fails("ECONNREFUSED")), "over");
    assertEquals(await readdir(temporary.path), ["1"]);
  });

  it("has it looked at again, without a pause, when it has let go", async () => {
    assertEquals(await wait(letsGo), "again");
    assertEquals((await readdir(temporary.path)).sort(), ["1", LIVE]);
  });

  it("tells the port that it asks at", async () => {
    const ports: number[] = [];
    await wait(letsGo, { onAsk: (port) => void ports.push(port) });
    assertEquals(ports, [4321]);
  });

  it("takes one that closes connections without a word for dead only when it shows nothing for long", async () => {
    const pausedMs = PAUSES_MS.reduce((sum, pauseMs) => sum + pauseMs, 0);
    assertEquals(await timed(closes), ["over", pausedMs + WATCHED_MS]);
    await leaveHolder("here", { ageMs: 4_000 });
    assertEquals(await timed(closes), ["over", pausedMs + OLD_MS]);
    assertEquals(await readdir(temporary.path), ["1"]);
  });

  it("has one looked at again, after a pause, that cannot be asked: it may be suspended", async () => {
    await leaveHolder("here", { ageMs: 3_600_000 });
    assertEquals(await timed(fails("EADDRNOTAVAIL")), ["again", UNCLEAR_MS]);
    assertEquals((await readdir(temporary.path)).sort(), ["1", LIVE]);
  });

  it("ends that pause with the signal's reason", async () => {
    const stop = new AbortController();
    const reason = new Error("over");
    const waiting = wait(fails("EMFILE"), { signal: stop.signal });
    await clock.untilSet(UNCLEAR_MS);
    stop.abort(reason);
    assertStrictEquals(await assertRejects(() => waiting), reason);
  });

  it("knows that it is gone when its file is", async () => {
    await rm(join(temporary.path, LIVE));
    assertEquals(await wait(fails("EMFILE")), "over");
  });

  it("does not wait for itself", async () => {
    await leaveHolder("here", { nonce: OWN });
    assertEquals(await wait(() => Promise.reject(new Error("It asked"))), "over");
  });
});

describe("awaitHolder(), of a holder elsewhere", () => {
  beforeEach(() => leaveHolder("there"));

  it("has it looked at again at once when it has answered here and let go", async () => {
    assertEquals(await wait(letsGo), "again");
    assertEquals((await readdir(temporary.path)).sort(), ["1", LIVE]);
  });

  it("tells no port: it is one of another host", async () => {
    const ports: number[] = [];
    await wait(letsGo, { onAsk: (port) => void ports.push(port) });
    assertEquals(ports, []);
  });

  it("tidies it away when it has shown nothing for long", async () => {
    assertEquals(await timed(fails("ECONNREFUSED")), ["over", WATCHED_MS]);
    assertEquals(await readdir(temporary.path), ["1"]);
  });

  it("watches one that is old for longer than it would go on without showing it", async () => {
    await leaveHolder("there", { ageMs: 3_600_000 });
    assertEquals(await timed(fails("ECONNREFUSED")), ["over", OLD_MS]);
  });

  for (const ageMs of [3_999, -3_600_000]) {
    it(`watches one for the whole time that is not old by the file system's clock (${ageMs} ms)`, async () => {
      await leaveHolder("there", { ageMs });
      assertEquals(await timed(fails("ECONNREFUSED")), ["over", WATCHED_MS]);
    });
  }

  it("counts a time in which we were suspended as one pause", async () => {
    const waiting = wait(fails("ECONNREFUSED"));
    await clock.untilSet(POLL_MS);
    clock.suspend(3_600_000);
    assertEquals(await advanceUntil(clock, waiting, POLL_MS), WATCHED_MS - POLL_MS);
  });

  it("has it looked at again when it lets go meanwhile", async () => {
    assertEquals(await waitThrough(() => rm(join(temporary.path, LIVE))), "again");
  });

  it("has it looked at again when it shows meanwhile that it goes on", async () => {
    assertEquals(await waitThrough(() => leave(LIVE, "", -1_000)), "again");
    assertEquals((await readdir(temporary.path)).sort(), ["1", LIVE]);
  });

  it("ends its watch with the signal's reason", async () => {
    const stop = new AbortController();
    const reason = new Error("over");
    const waiting = wait(fails("ECONNREFUSED"), { signal: stop.signal });
    await clock.untilSet(POLL_MS);
    stop.abort(reason);
    assertStrictEquals(await assertRejects(() => waiting), reason);
  });
});

describe("awaitHolder(), of a number that nothing is written under", () => {
  beforeEach(() => leave("1", ""));

  it("calls its taker gone when nothing comes", async () => {
    assertEquals(await timed(fails("ECONNREFUSED")), ["over", WATCHED_MS]);
    await leave("1", "", 4_000);
    assertEquals(await timed(fails("ECONNREFUSED")), ["over", OLD_MS]);
  });

  it("has it looked at again when a claim is written", async () => {
    assertEquals(await waitThrough(() => leaveHolder("here", { ageMs: 1 })), "again");
  });

  it("has it looked at again when the number is removed", async () => {
    assertEquals(await waitThrough(() => rm(join(temporary.path, "1"))), "again");
  });
});

describe("awaitHolder(), of a number that is not there", () => {
  it("says so after a pause, so that a deadline can come", async () => {
    const waiting = wait(fails("ECONNREFUSED"));
    assertEquals([await advanceUntil(clock, waiting, GONE_MS), await waiting], [GONE_MS, "gone"]);
  });

  it("rejects with the signal's reason", async () => {
    const reason = new Error("over");
    const signal = AbortSignal.abort(reason);
    assertStrictEquals(await assertRejects(() => wait(letsGo, { signal })), reason);
  });
});
