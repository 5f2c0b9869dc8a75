import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "npm:fast-check@4.10.2";
import { type CredentialStore, Turns } from "../../doors/storage.ts";
import { installFakeClock, LAST_MOMENT_MS } from "../../harness/fake_clock.ts";
import { mapStore } from "../../harness/test_client.ts";
import { makeTemporaryFolder } from "../../harness/temporary_folder.ts";
import { type Step, STEPS } from "./session_steps.ts";
import { IMPATIENT_MS, SessionModel } from "./session_model.ts";
import { createWorld, type WorldOptions } from "./session_world.ts";

type LifeOptions = Pick<WorldOptions, "storage" | "pause">;

/** Lives a life in which time passes as soon as someone waits for nothing else. */
async function live(steps: readonly Step[], options: LifeOptions): Promise<void> {
  const { path: folder, remove } = await makeTemporaryFolder();
  const isImpatience = (durationMs: number) => [IMPATIENT_MS, LAST_MOMENT_MS].includes(durationMs);
  const clock = installFakeClock(isImpatience);
  const onSilence = () => void clock.advance(IMPATIENT_MS + LAST_MOMENT_MS);
  try {
    const model = new SessionModel(await createWorld({ ...options, folder, onSilence }));
    for (const step of steps) await model.take(step);
    await model.conclude();
  } finally {
    clock.uninstall();
    await remove();
  }
}

/** A custom store with pauses in which other calls come in between. */
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

/**
 * Registers the tests of what holds in any life of a session.
 *
 * @param lives How many random lives to try for each promise.
 */
export function testSession(lives: number): void {
  async function hold<Values>(property: fc.IAsyncProperty<Values>): Promise<void> {
    const details = await fc.check(property, { numRuns: lives });
    assert(!details.failed, `${fc.defaultReportMessage(details)}\n${details.errorInstance}`);
  }

  describe("A session is neither lost, nor used up twice, nor given out dead", () => {
    it("in a file that several clients share", async () => {
      await hold(fc.asyncProperty(STEPS, (steps) => live(steps, { storage: () => "file" })));
    });

    it("in one custom store, whatever comes in between", async () => {
      await hold(fc.asyncProperty(STEPS, fc.scheduler(), async (steps, scheduler) => {
        const pause = () => scheduler.schedule(Promise.resolve());
        const store = slowStore(new Map(), pause);
        await scheduler.waitFor(live(steps, { storage: () => store, pause }));
      }));
    });

    it("in several custom stores that share a lock, whatever comes in between", async () => {
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
}
