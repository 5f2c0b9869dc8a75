import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { type Files, loadRuntime, type Runtime, type Tcp } from "../doors/runtime.ts";
import { type CredentialLock, credentialLock } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { systemError } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { observeTcp } from "./support/observed_tcp.ts";

const NEVER = new AbortController().signal;

let folder: TemporaryFolder;
let runtime: Runtime;
let path: string;

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  runtime = await loadRuntime();
  path = join(folder.path, "credentials.json");
});
afterEach(() => folder.remove());

function lock(changes: Partial<Files> = {}, tcp: Tcp = runtime.tcp): CredentialLock {
  return credentialLock({ runtime: { ...runtime, files: { ...runtime.files, ...changes }, tcp }, path });
}

async function takeTimes(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await lock().withLock(() => Promise.resolve(), { signal: NEVER });
}

/** Files of those who hold the lock or wait for it. */
async function liveFiles(): Promise<string[]> {
  return (await readdir(`${path}.lock`)).filter((name) => name.endsWith(".live"));
}

/** Node 20 has no `Promise.withResolvers`. */
function deferred(): { promise: Promise<void>; resolve(): void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => resolve = settle);
  return { promise, resolve };
}

/** Runs tasks at once, each under its own lock object. Returns how many ran at the same time at most. */
async function mostAtOnce(tasks: number, changes?: Partial<Files>): Promise<number> {
  let [running, most] = [0, 0];
  await Promise.all(Array.from({ length: tasks }, () =>
    lock(changes).withLock(async () => {
      most = Math.max(most, ++running);
      for (let times = 0; times < 5; times++) await liveFiles(); // Others could come in meanwhile.
      running--;
    }, { signal: NEVER })));
  return most;
}

describe("credentialLock()", () => {
  it("runs one task at a time, including those of other locks on the same file in this process", async () => {
    assertEquals(await mostAtOnce(12), 1);
  });

  it("does so if the file system has no hard links", async () => {
    assertEquals(await mostAtOnce(12, { link: () => Promise.reject(systemError("EPERM")) }), 1);
  });

  it("returns what the task returns", async () => {
    assertEquals(await lock().withLock(() => Promise.resolve("result"), { signal: NEVER }), "result");
  });

  it("lets go if the task fails", async () => {
    const failing = () =>
      lock().withLock(() => Promise.reject(new Error("from the task")), { signal: NEVER });
    await assertRejects(failing, Error, "from the task");
    await takeTimes(1);
  });

  it("tells the task that it still holds the lock, until someone has the next number", async () => {
    const answers = await lock().withLock(async (held) => {
      const before = await held.isStillHeld();
      await writeFile(join(`${path}.lock`, "2"), "");
      return [before, await held.isStillHeld()];
    }, { signal: NEVER });
    assertEquals(answers, [true, false]);
  });

  it("rejects with the signal's reason if the wait is given up, and the holder continues", async () => {
    const stop = new AbortController();
    const result = await lock().withLock(async (held) => {
      const { tcp, answered } = observeTcp(runtime.tcp);
      const waiting = lock({}, tcp).withLock(() => Promise.resolve(), { signal: stop.signal });
      await answered;
      stop.abort(new Error("no more time"));
      await assertRejects(() => waiting, Error, "no more time");
      return await held.isStillHeld();
    }, { signal: NEVER });
    assertEquals(result, true);
    await takeTimes(1);
  });

  it("runs no task if the signal has already aborted", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    await assertRejects(
      () => lock().withLock(() => Promise.reject(new Error("the task ran")), { signal }),
      Error,
      "too late",
    );
  });

  it("leaves files that only their owner can read, and removes old ones and leftovers", async () => {
    await takeTimes(1);
    await writeFile(join(`${path}.lock`, "killed.live"), "{}");
    await utimes(join(`${path}.lock`, "killed.live"), 1, 1);
    await takeTimes(70);
    const names = (await readdir(`${path}.lock`)).sort();
    const numbers = names.filter((name) => name !== "floor");
    assert(numbers.every((name) => /^\d+$/.test(name)), `Leftovers: ${names}`);
    assert(numbers.includes("71") && !numbers.includes("1") && numbers.length <= 64, `Numbers: ${names}`);
    if (process.platform === "win32") return;
    const modes = [await stat(`${path}.lock`), await stat(join(`${path}.lock`, "71"))];
    assertEquals(modes.map(({ mode }) => mode & 0o777), [0o700, 0o600]);
  });

  it("keeps out a taker that was suspended for so long that its number was used and removed", async () => {
    const suspended = deferred();
    const goOn = deferred();
    const link: Files["link"] = async (...args) => {
      suspended.resolve();
      await goOn.promise;
      await runtime.files.link(...args);
    };
    let isHeld = false;
    await takeTimes(1);
    const { tcp, answered } = observeTcp(runtime.tcp);
    const taker = lock({ link }, tcp).withLock(() => Promise.resolve(isHeld), { signal: NEVER });
    await suspended.promise;
    await takeTimes(80);
    await lock().withLock(async () => {
      isHeld = true;
      goOn.resolve();
      await Promise.race([answered, taker]);
      isHeld = false;
    }, { signal: NEVER });
    assertEquals(await taker, false);
    assertEquals((await readdir(`${path}.lock`)).includes("2"), false);
  });

  it("continues above the floor if someone removed the numbers", async () => {
    await takeTimes(80);
    const names = await readdir(`${path}.lock`);
    await Promise.all(names.filter((name) => name !== "floor").map((name) => rm(join(`${path}.lock`, name))));
    assertEquals(await mostAtOnce(3), 1);
    const floor = Number(await readFile(join(`${path}.lock`, "floor"), "utf8"));
    assertEquals((await readdir(`${path}.lock`)).map(Number).includes(floor + 3), true);
  });

  it("works if something else is in place of the floor", async () => {
    await takeTimes(1);
    await writeFile(join(`${path}.lock`, "floor"), "no number");
    assertEquals(await mostAtOnce(3), 1);
  });

  it("can be given up even if a number is there that cannot be read", async () => {
    await mkdir(`${path}.lock`);
    await symlink(join(folder.path, "nowhere"), join(`${path}.lock`, "1"));
    const stop = new AbortController();
    let looks = 0;
    const readText: Files["readText"] = (path) => {
      if (path.endsWith("/1") && ++looks === 3) stop.abort(new Error("no more time"));
      return runtime.files.readText(path);
    };
    const taking = () => lock({ readText }).withLock(() => Promise.resolve(), { signal: stop.signal });
    await assertRejects(taking, Error, "no more time");
  });

  for (const [what, stale] of Object.entries({ "a number that is gone": ["9"], "no number": [] })) {
    it(`works if a listing keeps showing ${what}`, async () => {
      await takeTimes(3);
      let listings = 0;
      const list: Files["list"] = () => {
        listings++;
        return Promise.resolve(stale);
      };
      await lock({ list }).withLock(() => Promise.resolve(), { signal: NEVER });
      assertEquals([listings, (await readdir(`${path}.lock`)).sort()], [1, ["1", "2", "3", "4"]]);
    });
  }

  it("does not wait for itself if its link was made but is reported as existing", async () => {
    await takeTimes(1);
    const link: Files["link"] = async (...paths) => {
      await runtime.files.link(...paths);
      throw systemError("EEXIST");
    };
    await lock({ link }).withLock(() => Promise.resolve(), { signal: NEVER });
    assertEquals((await readdir(`${path}.lock`)).sort(), ["1", "2"]);
  });

  it("works if a killed holder's leftovers took those of a waiter with them", async () => {
    const holding = deferred();
    const goOn = deferred();
    const holder = lock().withLock(() => {
      holding.resolve();
      return goOn.promise;
    }, { signal: NEVER });
    await holding.promise;
    const [own = ""] = await liveFiles();
    const { tcp, answered } = observeTcp(runtime.tcp);
    const waiter = lock({}, tcp).withLock(() => Promise.resolve("taken"), { signal: NEVER });
    await answered;
    for (const name of await liveFiles()) if (name !== own) await rm(join(`${path}.lock`, name));
    goOn.resolve();
    await holder;
    assertEquals(await waiter, "taken");
  });

  it("leaves a number to its taker if the file system has no hard links", async () => {
    await takeTimes(1);
    let isFirst = true;
    const list: Files["list"] = async (folder) =>
      isFirst ? (isFirst = false, []) : await runtime.files.list(folder);
    const link = () => Promise.reject(systemError("EPERM"));
    await lock({ list, link }).withLock(() => Promise.resolve(), { signal: NEVER });
    assertEquals((await readdir(`${path}.lock`)).filter((name) => /^\d+$/.test(name)).sort(), ["1", "2"]);
  });

  for (const code of ["EROFS", "ENOSPC", "EACCES"]) {
    it(`fails with 'storage' before the task runs if a file cannot be created (${code})`, async () => {
      const createHeld = () => Promise.reject(systemError(code));
      const task = () => Promise.reject(new Error("the task ran"));
      const error = await caught(() => lock({ createHeld }).withLock(task, { signal: NEVER }));
      assertEquals([error.code, error.message.includes(code)], ["storage", true]);
    });
  }

  it("fails with 'storage' even if the wait was given up meanwhile", async () => {
    const stop = new AbortController();
    const makeDirectory = () => {
      stop.abort();
      return Promise.reject(systemError("EACCES"));
    };
    const take = () => lock({ makeDirectory }).withLock(() => Promise.resolve(), { signal: stop.signal });
    assertEquals((await caught(take)).code, "storage");
  });

  it("fails with 'storage' if it may not listen", async () => {
    const tcp = { ...runtime.tcp, listen: () => Promise.reject(systemError("EACCES")) };
    const denied = credentialLock({ runtime: { ...runtime, tcp }, path });
    const error = await caught(() => denied.withLock(() => Promise.resolve(), { signal: NEVER }));
    assertEquals([error.code, error.action.includes("--allow-net")], ["storage", true]);
  });
});

describe("mayBeHeld()", () => {
  it("tells a held lock from a free one, and takes neither", async () => {
    const seen = [await lock().mayBeHeld()];
    await lock().withLock(async () => void seen.push(await lock().mayBeHeld()), { signal: NEVER });
    seen.push(await lock().mayBeHeld());
    assertEquals(seen, [false, true, false]);
    assertEquals(await readdir(`${path}.lock`), ["1"]);
  });

  it("is true for a lock that a killed process left, that is being taken, or that cannot be read", async () => {
    await takeTimes(1);
    await writeFile(join(`${path}.lock`, "dead.live"), "");
    await writeFile(join(`${path}.lock`, "2"), JSON.stringify({ port: 1, nonce: "dead", host: null }));
    assertEquals(await lock().mayBeHeld(), true);
    await writeFile(join(`${path}.lock`, "3"), "");
    assertEquals(await lock().mayBeHeld(), true);
    assertEquals(await lock({ list: () => Promise.reject(systemError("EACCES")) }).mayBeHeld(), true);
  });
});
