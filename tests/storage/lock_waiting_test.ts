import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadRuntime, type Runtime, type Tcp, type TcpConnection } from "../doors/runtime.ts";
import { answer, awaitHolder, formatClaim, LockFolder } from "../doors/storage.ts";
import { systemError } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";

const NONCE = "nonce";
const LIVE = `${NONCE}.live`;
const STANDSTILL_MS = 600;

let temporary: TemporaryFolder;
let real: Runtime;

beforeEach(async () => {
  temporary = await makeTemporaryFolder();
  real = await loadRuntime();
});
afterEach(() => temporary.remove());

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
function wait(connect: Tcp["connect"], signal = AbortSignal.timeout(5_000)): Promise<boolean> {
  const runtime: Runtime = { ...real, hostIdentity: () => "here", tcp: { ...real.tcp, connect } };
  const folder = new LockFolder(runtime, temporary.path);
  return awaitHolder({ runtime, folder, standstillMs: STANDSTILL_MS }, 1, signal);
}

async function timed<T>(task: () => Promise<T>): Promise<[result: T, tookMs: number]> {
  const began = performance.now();
  return [await task(), performance.now() - began];
}

describe("awaitHolder(), of a holder on this host", () => {
  beforeEach(() => leaveHolder("here"));

  it("tidies one away that is dead", async () => {
    assertEquals(await wait(fails("ECONNREFUSED")), true);
    assertEquals(await readdir(temporary.path), ["1"]);
  });

  it("has it looked at again when it has let go", async () => {
    assertEquals(await wait(letsGo), false);
    assertEquals((await readdir(temporary.path)).sort(), ["1", LIVE]);
  });

  it("pauses before it has one looked at again that cannot be asked", async () => {
    const [isGone, tookMs] = await timed(() => wait(fails("EMFILE")));
    assertEquals([isGone, (await readdir(temporary.path)).sort()], [false, ["1", LIVE]]);
    assert(tookMs > 40, `It took ${tookMs} ms`);
  });

  it("does not pause before one that has let go", async () => {
    const stop = new AbortController();
    const letsGoThenStops: Tcp["connect"] = async (...args) => {
      const connection = await letsGo(...args);
      // Comes before the end of a pause, and after everything else.
      const close = () => void setTimeout(() => stop.abort(new Error("paused")));
      return { ...connection, close };
    };
    assertEquals(await wait(letsGoThenStops, stop.signal), false);
  });

  it("ends that pause with the signal's reason", async () => {
    const stop = new AbortController();
    const reason = new Error("over");
    setTimeout(() => stop.abort(reason), 10);
    assertStrictEquals(await assertRejects(() => wait(fails("EMFILE"), stop.signal)), reason);
  });

  it("knows that it is gone when its file is", async () => {
    await rm(join(temporary.path, LIVE));
    assertEquals(await wait(fails("EMFILE")), true);
  });
});

describe("awaitHolder(), of a holder elsewhere", () => {
  beforeEach(() => leaveHolder("there"));

  it("has it looked at again at once when it has answered here and let go", async () => {
    const [isGone, tookMs] = await timed(() => wait(letsGo));
    assertEquals([isGone, (await readdir(temporary.path)).sort()], [false, ["1", LIVE]]);
    assert(tookMs < STANDSTILL_MS, `It took ${tookMs} ms`);
  });

  it("tidies it away when it stood still", async () => {
    assertEquals(await wait(fails("ECONNREFUSED")), true);
    assertEquals(await readdir(temporary.path), ["1"]);
  });

  it("has it looked at again when somebody has taken the next number", async () => {
    await leave("2", "another");
    assertEquals(await wait(fails("ECONNREFUSED")), false);
    assertEquals((await readdir(temporary.path)).sort(), ["1", "2", LIVE]);
  });

  it("has it looked at again when it lets go meanwhile", async () => {
    setTimeout(() => rm(join(temporary.path, LIVE)), 50);
    assertEquals(await wait(fails("ECONNREFUSED")), false);
  });
});

describe("awaitHolder(), of a number that nothing is written under", () => {
  beforeEach(() => leave("1", ""));

  it("calls its taker gone when nothing comes", async () => {
    const [isGone, tookMs] = await timed(() => wait(fails("ECONNREFUSED")));
    assertEquals(isGone, true);
    assert(tookMs > STANDSTILL_MS, `It was overtaken after ${tookMs} ms`);
  });

  it("has it looked at again when a claim is written", async () => {
    setTimeout(() => leaveHolder("here"), 50);
    const [isGone, tookMs] = await timed(() => wait(fails("ECONNREFUSED")));
    assertEquals(isGone, false);
    assert(tookMs < STANDSTILL_MS, `It took ${tookMs} ms`);
  });

  it("has it looked at again when the number is removed", async () => {
    setTimeout(() => rm(join(temporary.path, "1")), 50);
    assertEquals(await wait(fails("ECONNREFUSED")), false);
  });

  it("has it looked at again when somebody has taken the next number", async () => {
    await leave("2", "another");
    assertEquals(await wait(fails("ECONNREFUSED")), false);
  });
});

describe("awaitHolder(), of a number that is not there", () => {
  it("has it looked at again", async () => {
    assertEquals(await wait(fails("ECONNREFUSED")), false);
  });

  it("rejects with the signal's reason", async () => {
    const reason = new Error("over");
    assertStrictEquals(await assertRejects(() => wait(letsGo, AbortSignal.abort(reason))), reason);
  });
});
