import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { underLock } from "../doors/client.ts";
import { loadRuntime, type Tcp } from "../doors/runtime.ts";
import { type CredentialLock, credentialLock } from "../doors/storage.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { untilPushed } from "../harness/until_pushed.ts";

const OPTIONS = { timeoutMs: 60_000 };

describe("underLock()", () => {
  let folder: TemporaryFolder;
  let lock: CredentialLock;
  let path: string;
  /** What waiters heard from the holder. */
  let heard: (string | null)[];

  const connectListening = (tcp: Tcp): Tcp["connect"] => async (port, signal) => {
    const connection = await tcp.connect(port, signal);
    return {
      write: (text) => connection.write(text),
      close: () => connection.close(),
      read: async () => {
        const text = await connection.read();
        heard.push(text);
        return text;
      },
    };
  };

  beforeEach(async () => {
    folder = await makeTemporaryFolder();
    path = join(folder.path, "credentials.json");
    heard = [];
    const runtime = await loadRuntime();
    lock = credentialLock({
      runtime: { ...runtime, tcp: { ...runtime.tcp, connect: connectListening(runtime.tcp) } },
      path,
    });
  });
  afterEach(() => folder.remove());

  /** How often the lock was taken: each taker leaves a number. */
  const timesTaken = async () => (await readdir(`${path}.lock`)).filter((name) => /^\d+$/.test(name)).length;

  /** Lets so many wait for the lock while it is held, and releases it once they all know that it is. */
  async function whileHeld<T>(waiters: number, wait: () => Promise<T>): Promise<PromiseSettledResult<T>[]> {
    let waiting: Promise<PromiseSettledResult<T>[]> | undefined;
    await underLock(lock.withLock, async () => {
      waiting = Promise.allSettled(Array.from({ length: waiters }, wait));
      await untilPushed(heard, () => heard.length >= waiters);
    }, OPTIONS);
    return await waiting!;
  }

  it("returns what the previous holder did, without taking the lock", async () => {
    let runs = 0;
    const task = () => Promise.resolve(`run ${++runs}`);
    const findDone = () => Promise.resolve("done before");
    const results = await whileHeld(3, () => underLock(lock.withLock, task, { ...OPTIONS, findDone }));
    assertEquals(results, Array(3).fill({ status: "fulfilled", value: "done before" }));
    assertEquals([runs, await timesTaken()], [0, 1]);
  });

  it("takes the lock if the previous holder did not do it", async () => {
    const task = () => Promise.resolve("done now");
    const findDone = () => Promise.resolve(undefined);
    const results = await whileHeld(1, () => underLock(lock.withLock, task, { ...OPTIONS, findDone }));
    assertEquals(results, [{ status: "fulfilled", value: "done now" }]);
    assertEquals(await timesTaken(), 2);
  });

  it("passes on errors of the check, and blocks nobody then", async () => {
    const findDone = () => Promise.reject(new Error("from looking"));
    const task = () => Promise.resolve("done now");
    const [result] = await whileHeld(1, () => underLock(lock.withLock, task, { ...OPTIONS, findDone }));
    assertEquals(result?.status, "rejected");
    assertEquals(await underLock(lock.withLock, task, OPTIONS), "done now");
  });
});
