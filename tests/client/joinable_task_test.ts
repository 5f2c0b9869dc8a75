import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { JoinableTask } from "../doors/client.ts";
import { caught } from "../harness/caught.ts";

/** Starts a task that ends when told to, or shortly after its signal aborts. */
function startTask() {
  let end = (_: string) => {};
  const state = { isStopped: false, end: (result: string) => end(result) };
  const task = new JoinableTask((signal) =>
    new Promise<string>((resolve, reject) => {
      end = resolve;
      signal.addEventListener("abort", () =>
        setTimeout(() => {
          state.isStopped = true;
          reject(signal.reason);
        }, 0));
    })
  );
  return { task, state };
}

describe("a joinable task", () => {
  it("gives everyone who joins the same result", async () => {
    const { task, state } = startTask();
    const joined = [task.join(undefined), task.join(new AbortController().signal), task.join(undefined)];
    state.end("result");
    assertEquals(await Promise.all(joined), ["result", "result", "result"]);
    assertEquals(await task.join(undefined), "result");
  });

  it("continues for the others when one gives up", async () => {
    const { task, state } = startTask();
    const stop = new AbortController();
    const [first, second] = [task.join(stop.signal), task.join(new AbortController().signal)];
    stop.abort();
    assertEquals((await caught(() => first)).code, "cancelled");
    assertEquals([task.isOpen, state.isStopped], [true, false]);
    state.end("result");
    assertEquals(await second, "result");
  });

  it("continues for one that cannot give up", async () => {
    const { task, state } = startTask();
    const stop = new AbortController();
    const [patient, first] = [task.join(undefined), task.join(stop.signal)];
    stop.abort();
    assertEquals((await caught(() => first)).code, "cancelled");
    assertEquals(task.isOpen, true);
    state.end("result");
    assertEquals(await patient, "result");
  });

  it("is stopped when the last one gives up, which waits for that", async () => {
    const { task, state } = startTask();
    const stops = [new AbortController(), new AbortController()];
    const joined = stops.map(({ signal }) => task.join(signal));
    for (const stop of stops) stop.abort();
    for (const one of joined) assertEquals((await caught(() => one)).code, "cancelled");
    assertEquals([task.isOpen, state.isStopped], [false, true]);
  });

  it("is given up at once if the signal has already aborted", async () => {
    const { task, state } = startTask();
    assertEquals((await caught(() => task.join(AbortSignal.abort()))).code, "cancelled");
    assertEquals(state.isStopped, true);
  });

  it("passes on its error", async () => {
    const failure = new Error("on purpose");
    const task = new JoinableTask(() => Promise.reject(failure));
    const results = [task.join(undefined), task.join(new AbortController().signal)];
    assertEquals((await Promise.allSettled(results)).map((result) => "reason" in result && result.reason), [
      failure,
      failure,
    ]);
  });
});
