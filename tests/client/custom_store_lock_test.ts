import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { underLock } from "../doors/client.ts";
import { ClerkCliAuthError } from "../doors/core.ts";
import { type CredentialStore, customStore, type Held } from "../doors/storage.ts";
import { caught } from "../harness/caught.ts";
import { type FakeClock, installFakeClock } from "../harness/fake_clock.ts";

const OPTIONS = { timeoutMs: 60_000 };

let store: CredentialStore;
let clock: FakeClock;
beforeEach(() => {
  store = { get: () => null, set: () => {}, delete: () => {} };
  clock = installFakeClock();
});
afterEach(() => clock.uninstall());

function run<T>(
  task: (held: Held) => Promise<T>,
  options: { timeoutMs: number; signal?: AbortSignal } = OPTIONS,
) {
  return underLock(customStore(store).withLock, task, options);
}

/** Starts a task that runs until it is told to end. */
function startTask() {
  let end = () => {};
  const running = run(() => new Promise<void>((resolve) => end = resolve));
  return { running, end: () => end() };
}

describe("a custom store without a lock", () => {
  it("runs tasks one at a time, in order, whatever fails", async () => {
    const order: string[] = [];
    const task = (name: string) => async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (name === "a") throw new Error("on purpose");
    };
    const [first, second] = [run(task("a")), run(task("b"))];
    await assertRejects(() => first, Error, "on purpose");
    await second;
    assertEquals(order, ["a begins", "a ends", "b begins", "b ends"]);
  });

  it("does not wait for another store", async () => {
    const { running, end } = startTask();
    store = { ...store };
    assertEquals(await run(() => Promise.resolve("done")), "done");
    end();
    await running;
  });

  it("gives up the wait on a timeout or an abort, and never runs the task then", async () => {
    const { running, end } = startTask();
    const stop = new AbortController();
    let runs = 0;
    const task = () => Promise.resolve(runs++);
    const late = caught(() => run(task));
    const cancelled = caught(() => run(task, { ...OPTIONS, signal: stop.signal }));
    stop.abort();
    assertEquals((await cancelled).code, "cancelled");
    await clock.advance(OPTIONS.timeoutMs);
    const error = await late;
    assertEquals([error.code, error.message, error.action, error.retryable], [
      "timeout",
      "Another process has held the credentials for 1 minute",
      "Try again; look for a suspended process of this tool",
      true,
    ]);
    const before = run(task, { ...OPTIONS, signal: AbortSignal.abort() });
    assertEquals((await caught(() => before)).code, "cancelled");
    end();
    await running;
    await run(() => Promise.resolve());
    assertEquals(runs, 0);
  });

  it("does not end a running task", async () => {
    const stop = new AbortController();
    const running = run(async () => {
      stop.abort();
      await clock.advance(OPTIONS.timeoutMs);
      return "done";
    }, { ...OPTIONS, signal: stop.signal });
    assertEquals(await running, "done");
  });
});

describe("a custom store with its own lock", () => {
  it("runs the task under it, and returns what the task returns", async () => {
    const calls: string[] = [];
    store.withLock = async function (task) {
      assertStrictEquals(this, store);
      calls.push("locked");
      const result = await task();
      calls.push("let go");
      return result;
    };
    const task = () => {
      calls.push("task");
      return Promise.resolve("result");
    };
    assertEquals(await run(task), "result");
    assertEquals(calls, ["locked", "task", "let go"]);
  });

  it("asks only a lock of ours whether it is still held", async () => {
    const locks = [undefined, null, true, "held", {}, { isStillHeld: true }];
    for (const held of locks) {
      store.withLock = (task) => (task as (held: unknown) => ReturnType<typeof task>)(held);
      assertEquals(await run((held) => Promise.resolve(held)), undefined);
    }
    const held = { isStillHeld: () => Promise.resolve(true) };
    store.withLock = (task) => (task as (held: unknown) => ReturnType<typeof task>)(held);
    assertStrictEquals(await run((held) => Promise.resolve(held)), held);
  });

  it("passes on what the task throws", async () => {
    store.withLock = (task) => task();
    for (const failure of [new Error("on purpose"), new ClerkCliAuthError("userinfo", "on purpose")]) {
      assertStrictEquals(await run(() => Promise.reject(failure)).catch((error) => error), failure);
    }
  });

  it("turns what the lock throws into a storage error, with its cause", async () => {
    const failure = new Error("no lock");
    store.withLock = () => Promise.reject(failure);
    const error = await caught(() => run(() => Promise.resolve()));
    assertEquals([error.code, error.message], [
      "storage",
      "The credential store could not lock the credentials",
    ]);
    assertEquals((error.cause as Error).message, "no lock");
    const ours = new ClerkCliAuthError("keychain", "on purpose");
    store.withLock = () => Promise.reject(ours);
    assertStrictEquals(await caught(() => run(() => Promise.resolve())), ours);
  });

  it("gives up the wait through the signal that it passes to the lock", async () => {
    store.withLock = (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    const late = caught(() => run(() => Promise.resolve()));
    await clock.advance(OPTIONS.timeoutMs);
    assertEquals((await late).code, "timeout");
    const stop = new AbortController();
    const cancelled = caught(() => run(() => Promise.resolve(), { ...OPTIONS, signal: stop.signal }));
    stop.abort();
    assertEquals((await cancelled).code, "cancelled");
  });
});
