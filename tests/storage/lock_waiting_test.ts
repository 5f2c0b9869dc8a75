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
/** How often a holder that cannot be asked is checked. */
const POLL_MS = 250;
/** The first check after which it is dead: if it was old already, and if not. */
const OLD_MS = 2_250;
const WATCHED_MS = 5_000;
/** Pauses before asking again if the connection was silently closed, and after a missing number. */
const PAUSES_MS = [1, 2, 5, 40];
const GONE_MS = 1;
/** The pause after a holder that could not be asked. */
const UNCLEAR_MS = 50;
/** When our own live file was last written. */
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

/** Leaves the files of the taker of number 1 on a host. */
async function leaveHolder(host: string | null, { ageMs = 0, nonce = NONCE } = {}): Promise<void> {
  const text = JSON.stringify({ port: 4321, nonce, host });
  await leave("1", text, ageMs);
  await leave(`${nonce}.live`, text, ageMs);
}

/** A port that answers as the holder, then ends the connection. */
const letsGo: Tcp["connect"] = () => Promise.resolve(answersAs(NONCE));

/** A port that silently closes every connection. */
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

/** Waits, and lets the necessary time pass. Returns how much. */
async function timed(
  connect: Tcp["connect"],
): Promise<[state: Awaited<ReturnType<typeof awaitHolder>>, tookMs: number]> {
  const waiting = wait(connect);
  const tookMs = await advanceUntil(clock, waiting, POLL_MS, UNCLEAR_MS, ...PAUSES_MS);
  return [await waiting, tookMs];
}

/**
 * Waits for a holder that cannot be asked, while something happens between two checks. Returns the result of the
 * second.
 */
async function waitThrough(event: () => Promise<void>): ReturnType<typeof awaitHolder> {
  const waiting = wait(fails("ECONNREFUSED"));
  await clock.untilSet(POLL_MS);
  await event();
  await clock.advance(POLL_MS);
  return await waiting;
}

describe("awaitHolder(), for a holder on this host", () => {
  beforeEach(() => leaveHolder("here"));

  it("cleans up a dead one", async () => {
    assertEquals(await wait(fails("ECONNREFUSED")), "over");
    assertEquals(await readdir(temporary.path), ["1"]);
  });

  it("returns again, without a pause, if it let go", async () => {
    assertEquals(await wait(letsGo), "again");
    assertEquals((await readdir(temporary.path)).sort(), ["1", LIVE]);
  });

  it("reports the port that it asks", async () => {
    const ports: number[] = [];
    await wait(letsGo, { onAsk: (port) => void ports.push(port) });
    assertEquals(ports, [4321]);
  });

  it("treats one that silently closes connections as dead only after a long time without a sign", async () => {
    const pausedMs = PAUSES_MS.reduce((sum, pauseMs) => sum + pauseMs, 0);
    assertEquals(await timed(closes), ["over", pausedMs + WATCHED_MS]);
    await leaveHolder("here", { ageMs: 4_000 });
    assertEquals(await timed(closes), ["over", pausedMs + OLD_MS]);
    assertEquals(await readdir(temporary.path), ["1"]);
  });

  it("returns again, after a pause, if it cannot be asked: it may be suspended", async () => {
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

  it("knows that it is gone if its file is", async () => {
    await rm(join(temporary.path, LIVE));
    assertEquals(await wait(fails("EMFILE")), "over");
  });

  it("does not wait for itself", async () => {
    await leaveHolder("here", { nonce: OWN });
    assertEquals(await wait(() => Promise.reject(new Error("It asked"))), "over");
  });
});

describe("awaitHolder(), for a holder elsewhere", () => {
  beforeEach(() => leaveHolder("there"));

  it("returns again at once if it answered here and let go", async () => {
    assertEquals(await wait(letsGo), "again");
    assertEquals((await readdir(temporary.path)).sort(), ["1", LIVE]);
  });

  it("reports no port, as it belongs to another host", async () => {
    const ports: number[] = [];
    await wait(letsGo, { onAsk: (port) => void ports.push(port) });
    assertEquals(ports, []);
  });

  it("cleans it up after a long time without a sign", async () => {
    assertEquals(await timed(fails("ECONNREFUSED")), ["over", WATCHED_MS]);
    assertEquals(await readdir(temporary.path), ["1"]);
  });

  it("watches an old one for longer than it would continue without a sign", async () => {
    await leaveHolder("there", { ageMs: 3_600_000 });
    assertEquals(await timed(fails("ECONNREFUSED")), ["over", OLD_MS]);
  });

  for (const ageMs of [3_999, -3_600_000]) {
    it(`watches one that is not old by the file system's clock for the whole time (${ageMs} ms)`, async () => {
      await leaveHolder("there", { ageMs });
      assertEquals(await timed(fails("ECONNREFUSED")), ["over", WATCHED_MS]);
    });
  }

  it("counts the time of our own suspension as one pause", async () => {
    const waiting = wait(fails("ECONNREFUSED"));
    await clock.untilSet(POLL_MS);
    clock.suspend(3_600_000);
    assertEquals(await advanceUntil(clock, waiting, POLL_MS), WATCHED_MS - POLL_MS);
  });

  it("returns again if it lets go meanwhile", async () => {
    assertEquals(await waitThrough(() => rm(join(temporary.path, LIVE))), "again");
  });

  it("returns again if it shows a sign of life meanwhile", async () => {
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

describe("awaitHolder(), for an empty number", () => {
  beforeEach(() => leave("1", ""));

  it("returns over if nothing comes", async () => {
    assertEquals(await timed(fails("ECONNREFUSED")), ["over", WATCHED_MS]);
    await leave("1", "", 4_000);
    assertEquals(await timed(fails("ECONNREFUSED")), ["over", OLD_MS]);
  });

  it("returns again if a claim is written", async () => {
    assertEquals(await waitThrough(() => leaveHolder("here", { ageMs: 1 })), "again");
  });

  it("returns again if the number is removed", async () => {
    assertEquals(await waitThrough(() => rm(join(temporary.path, "1"))), "again");
  });
});

describe("awaitHolder(), for a missing number", () => {
  it("returns gone after a pause, so that a deadline can fire", async () => {
    const waiting = wait(fails("ECONNREFUSED"));
    assertEquals([await advanceUntil(clock, waiting, GONE_MS), await waiting], [GONE_MS, "gone"]);
  });

  it("rejects with the signal's reason", async () => {
    const reason = new Error("over");
    const signal = AbortSignal.abort(reason);
    assertStrictEquals(await assertRejects(() => wait(letsGo, { signal })), reason);
  });
});
