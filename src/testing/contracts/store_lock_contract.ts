import type { CredentialStore } from "../../storage/store.ts";
import type { OpenStore, StorePromise } from "./store_contract.ts";

/** The guarantees of `withLock()`, if a store has it. Register each as a test. */
export const STORE_LOCK_CONTRACT: readonly StorePromise[] = [
  {
    name: "withLock() returns what its task returns",
    async check(open) {
      const lock = await lockOf(open);
      if (await lock(() => Promise.resolve("result")) !== "result") throw new Error("Got a different result");
    },
  },
  {
    name: "withLock() rethrows what its task throws, and releases the lock",
    async check(open) {
      const lock = await lockOf(open);
      const failure = new Error("on purpose");
      const caught = await lock(() => Promise.reject(failure)).catch((error) => error);
      if (caught !== failure) throw new Error(`Got ${caught}`);
      await lock(() => Promise.resolve());
    },
  },
  {
    name: "withLock() runs one task at a time, whoever opened the store",
    async check(open) {
      const locks = await Promise.all(Array.from({ length: 6 }, () => lockOf(open)));
      let inside = 0;
      let runs = 0;
      await Promise.all(locks.map((lock) =>
        lock(async () => {
          if (++inside > 1) throw new Error("Two tasks at once");
          await letOthersRun();
          inside--;
          runs++;
        })
      ));
      if (runs !== locks.length) throw new Error(`${runs} of ${locks.length} tasks ran`);
    },
  },
  {
    name: "withLock() stops waiting if aborted, and never runs the task",
    async check(open) {
      const [holder, waiter] = [await lockOf(open), await lockOf(open)];
      let hasRun = false;
      await holder(async () => {
        const controller = new AbortController();
        const task = () => Promise.resolve(void (hasRun = true));
        const waiting = waiter(task, controller.signal).catch((error) => error);
        await letOthersRun();
        controller.abort(new Error("enough"));
        const caught = await waiting;
        if (!(caught instanceof Error)) throw new Error("The wait did not end");
      });
      await holder(() => Promise.resolve());
      if (hasRun) throw new Error("The task ran");
    },
  },
  {
    name: "withLock() does not abort a running task",
    async check(open) {
      const lock = await lockOf(open);
      const controller = new AbortController();
      const result = await lock(async () => {
        controller.abort();
        await letOthersRun();
        return "finished";
      }, controller.signal);
      if (result !== "finished") throw new Error("The task was aborted");
    },
  },
];

const TURNS = 10;

type Lock = <T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

async function lockOf(open: OpenStore): Promise<Lock> {
  const store = await open();
  if (!hasLock(store)) throw new Error("The store has no lock");
  return (task, signal = new AbortController().signal) => store.withLock(task, { signal });
}

function hasLock(
  store: CredentialStore,
): store is CredentialStore & Required<Pick<CredentialStore, "withLock">> {
  return store.withLock !== undefined;
}

/** Yields to the event loop long enough for any task that is not blocked to run. */
async function letOthersRun(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setTimeout(resolve));
}
