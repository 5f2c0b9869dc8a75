import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime, type Runtime, type Tcp, type TcpConnection } from "../doors/runtime.ts";
import { answer, awaitHolder, formatClaim, LockDirectory } from "../doors/storage.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";
import { systemError } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { advanceUntil } from "./support/advance_until.ts";

const NONCE = "nonce";
const LIVE = `${NONCE}.live`;
const STANDSTILL_MS = 600;
/** How often a holder is looked at that cannot be asked, and the first look after it has stood still for that long. */
const POLL_MS = 250;
const OVERTAKEN_MS = 750;
/** The pause after a holder that could not be asked for want of something, and after a number that is not there. */
const UNCLEAR_MS = 50;
const GONE_MS = 1;
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

function leave(name: string, text: string): Promise<void> {
  return writeFile(join(temporary.path, name), text);
}

/** Leaves what the taker of number 1 leaves on a host. */
async function leaveHolder(host: string | null): Promise<void> {
  const text = formatClaim({ port: 4321, nonce: NONCE, host });
  await leave("1", text);
  await leave(LIVE, text);
}

/** A port that answers as the holder, and then ends the connection. */
const letsGo: Tcp["connect"] = () => {
  const texts = [answer(NONCE), null];
  const connection: TcpConnection = {
    write: () => Promise.resolve(),
    read: () => Promise.resolve(texts.shift() ?? null),
    close: () => {},
  };
  return Promise.resolve(connection);
};

function fails(code: string): Tcp["connect"] {
  return () => Promise.reject(systemError(code));
}

/** Waits for the taker of number 1, as a process on the host "here". */
function wait(connect: Tcp["connect"], signal = NEVER): Promise<boolean> {
  const runtime: Runtime = { ...real, hostIdentity: () => "here", tcp: { ...real.tcp, connect } };
  const folder = new LockDirectory(runtime, temporary.path);
  return awaitHolder({ runtime, directory: folder, standstillMs: STANDSTILL_MS }, 1, signal);
}

/** Waits, and lets time pass where the wait is for that. Gives how much had to. */
async function timed(connect: Tcp["connect"]): Promise<[isGone: boolean, tookMs: number]> {
  const waiting = wait(connect);
  const tookMs = await advanceUntil(clock, waiting, POLL_MS, UNCLEAR_MS, GONE_MS);
  return [await waiting, tookMs];
}

/** Waits for a holder that cannot be asked; something happens between two looks at it. Gives what came of the next look. */
async function waitThrough(event: () => Promise<void>): Promise<boolean> {
  const waiting = wait(fails("ECONNREFUSED"));
  await clock.untilSet(POLL_MS);
  await event();
  await clock.advance(POLL_MS);
  return await waiting;
}

describe("awaitHolder(), of a holder on this host", () => {
  beforeEach(() => leaveHolder("here"));

  it("tidies one away that is dead", async () => {
    assertEquals(await wait(fails("ECONNREFUSED")), true);
    assertEquals(await readdir(temporary.path), ["1"]);
  });

  it("has it looked at again, without a pause, when it has let go", async () => {
    assertEquals(await wait(letsGo), false);
    assertEquals((await readdir(temporary.path)).sort(), ["1", LIVE]);
  });

  it("pauses before it has one looked at again that cannot be asked", async () => {
    assertEquals(await timed(fails("EMFILE")), [false, UNCLEAR_MS]);
    assertEquals((await readdir(temporary.path)).sort(), ["1", LIVE]);
  });

  it("ends that pause with the signal's reason", async () => {
    const stop = new AbortController();
    const reason = new Error("over");
    const waiting = wait(fails("EMFILE"), stop.signal);
    await clock.untilSet(UNCLEAR_MS);
    stop.abort(reason);
    assertStrictEquals(await assertRejects(() => waiting), reason);
  });

  it("knows that it is gone when its file is", async () => {
    await rm(join(temporary.path, LIVE));
    assertEquals(await wait(fails("EMFILE")), true);
  });
});

describe("awaitHolder(), of a holder elsewhere", () => {
  beforeEach(() => leaveHolder("there"));

  it("has it looked at again at once when it has answered here and let go", async () => {
    assertEquals(await wait(letsGo), false);
    assertEquals((await readdir(temporary.path)).sort(), ["1", LIVE]);
  });

  it("tidies it away when it stood still", async () => {
    assertEquals(await timed(fails("ECONNREFUSED")), [true, OVERTAKEN_MS]);
    assertEquals(await readdir(temporary.path), ["1"]);
  });

  it("has it looked at again when somebody has taken the next number", async () => {
    await leave("2", "another");
    assertEquals(await wait(fails("ECONNREFUSED")), false);
    assertEquals((await readdir(temporary.path)).sort(), ["1", "2", LIVE]);
  });

  it("has it looked at again when it lets go meanwhile", async () => {
    assertEquals(await waitThrough(() => rm(join(temporary.path, LIVE))), false);
  });
});

describe("awaitHolder(), of a number that nothing is written under", () => {
  beforeEach(() => leave("1", ""));

  it("calls its taker gone when nothing comes", async () => {
    assertEquals(await timed(fails("ECONNREFUSED")), [true, OVERTAKEN_MS]);
  });

  it("has it looked at again when a claim is written", async () => {
    assertEquals(await waitThrough(() => leaveHolder("here")), false);
  });

  it("has it looked at again when the number is removed", async () => {
    assertEquals(await waitThrough(() => rm(join(temporary.path, "1"))), false);
  });

  it("has it looked at again when somebody has taken the next number", async () => {
    await leave("2", "another");
    assertEquals(await wait(fails("ECONNREFUSED")), false);
  });
});

describe("awaitHolder(), of a number that is not there", () => {
  it("has it looked at again after a pause", async () => {
    assertEquals(await timed(fails("ECONNREFUSED")), [false, GONE_MS]);
  });

  it("rejects with the signal's reason", async () => {
    const reason = new Error("over");
    assertStrictEquals(await assertRejects(() => wait(letsGo, AbortSignal.abort(reason))), reason);
  });
});
