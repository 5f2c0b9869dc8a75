import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "npm:fast-check@4.10.2";
import { type CredentialStore, Turns } from "../doors/storage.ts";
import { mapStore } from "../harness/test_client.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";
import { type Step, STEPS } from "./support/session_steps.ts";
import { SessionModel } from "./support/session_model.ts";
import { createWorld, type WorldOptions } from "./support/session_world.ts";

/** How long each property is tried, in milliseconds. */
const LIMIT_MS = 4000;

async function live(steps: readonly Step[], options: Omit<WorldOptions, "folder">): Promise<void> {
  const ownFolder = await makeTemporaryFolder();
  try {
    const model = new SessionModel(await createWorld({ ...options, folder: ownFolder.path }));
    for (const step of steps) await model.take(step);
    await model.conclude();
  } finally {
    await ownFolder.remove();
  }
}

async function hold<Values>(property: fc.IAsyncProperty<Values>): Promise<void> {
  const details = await fc.check(property, { numRuns: 100 });
  assert(!details.failed, `${fc.defaultReportMessage(details)}\n${details.errorInstance}`);
  assert(details.numRuns > 0, "not one run was finished");
}

/** A store of one's own, which other calls come in between with. */
function slowStore(entries: Map<string, string>, pause: () => Promise<void>): CredentialStore {
  const store = mapStore(entries);
  const slowly = async <T>(operation: () => T): Promise<Awaited<T>> => {
    await pause();
    return await operation();
  };
  return {
    get: (key) => slowly(() => store.get(key)),
    set: (key, value) => slowly(() => store.set(key, value)),
    delete: (key) => slowly(() => store.delete(key)),
  };
}

describe("A session is neither lost, nor used up twice, nor given out dead", () => {
  it("in a file that several clients share", async () => {
    await hold(fc.asyncProperty(STEPS, (steps) => live(steps, { storage: () => "file" })));
  });

  it("in one store of one's own, whatever comes in between", async () => {
    await hold(fc.asyncProperty(STEPS, fc.scheduler(), async (steps, scheduler) => {
      const pause = () => scheduler.schedule(Promise.resolve());
      const store = slowStore(new Map(), pause);
      await scheduler.waitFor(live(steps, { storage: () => store, pause }));
    }));
  });

  it("in several stores of one's own that share a lock, whatever comes in between", async () => {
    await hold(fc.asyncProperty(STEPS, fc.scheduler(), async (steps, scheduler) => {
      const pause = () => scheduler.schedule(Promise.resolve());
      const [entries, turns] = [new Map<string, string>(), new Turns()];
      const storage = (): CredentialStore => ({
        ...slowStore(entries, pause),
        withLock: (task) => turns.take(task),
      });
      await scheduler.waitFor(live(steps, { storage, pause }));
    }));
  });
});
