import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { delay } from "../doors/core.ts";

const STATE = { PENDING: "pending" };

/** What has become of a promise after a while. */
async function stateAfter(ms: number, promise: Promise<unknown>): Promise<unknown> {
  const later = new Promise((resolve) => setTimeout(() => resolve(STATE.PENDING), ms));
  return await Promise.race([promise.then(() => "over", (error) => error), later]);
}

describe("delay()", () => {
  it("takes its time", async () => {
    const began = performance.now();
    await delay(50, new AbortController().signal);
    assert(performance.now() - began > 45);
  });

  it("rejects at once with the reason of the signal, whenever that aborts", async () => {
    const reason = new Error("no more time");
    assertStrictEquals(await delay(60_000, AbortSignal.abort(reason)).catch((error) => error), reason);
    const stop = new AbortController();
    const waiting = delay(60_000, stop.signal);
    assertEquals(await stateAfter(5, waiting), STATE.PENDING);
    stop.abort(reason);
    assertStrictEquals(await stateAfter(1_000, waiting), reason);
  });

  it("takes any length of time", async () => {
    const stop = new AbortController();
    const waiting = delay(2 ** 40, stop.signal);
    assertEquals(await stateAfter(20, waiting), STATE.PENDING);
    stop.abort();
    await waiting.catch(() => {});
  });

  it("leaves nothing at the signal", async () => {
    const listeners = new Set<unknown>();
    const { signal } = new AbortController();
    const counted = Object.assign(Object.create(signal) as AbortSignal, {
      addEventListener: (_: string, listener: unknown) => void listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => void listeners.delete(listener),
    });
    Object.defineProperty(counted, "aborted", { value: false });
    const waiting = delay(5, counted);
    assertEquals(listeners.size, 1);
    await waiting;
    assertEquals(listeners.size, 0);
  });
});
