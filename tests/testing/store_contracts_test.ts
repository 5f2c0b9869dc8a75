import { assertEquals, assertRejects } from "@std/assert";
import type { CredentialStore } from "@clerk/cli-auth";
import { describe, it } from "@std/testing/bdd";
import { type OpenStore, STORE_CONTRACT, STORE_LOCK_CONTRACT } from "../doors/testing.ts";

/** A correct store, except for the given methods. */
function createStore(
  change: (entries: Map<string, string>) => Partial<CredentialStore> = () => ({}),
): CredentialStore {
  const entries = new Map<string, string>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    delete: (key) => void entries.delete(key),
    ...change(entries),
  };
}

/** Lets others run. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A store that returns changed values. */
function changing(change: (value: string) => string | null): OpenStore {
  const store = createStore((entries) => ({
    get: (key) => {
      const value = entries.get(key);
      return value === undefined ? undefined : change(value);
    },
  }));
  return () => store;
}

function always(store: CredentialStore): OpenStore {
  return () => store;
}

/** A store that breaks each promise. */
const BREACHES: Record<string, OpenStore> = {
  "get() gives nothing for a key that was never set": always(createStore(() => ({
    get: (key) => (Object.create({ constructor: "inherited" }) as Record<string, string>)[key],
  }))),
  "get() gives back an empty text": changing((value) => value || null),
  "get() gives back JSON": changing((value) => value.replaceAll('\\"', '"')),
  "get() gives back line breaks and control characters": changing((value) => value.replaceAll("\r\n", "\n")),
  "get() gives back text beyond ASCII": changing((value) => value.replaceAll(/[\u0100-\u{10ffff}]/gu, "?")),
  "get() gives back 100,000 characters": changing((value) => value.slice(0, 65_536)),
  "set() replaces what stood there": always(createStore((entries) => ({
    set: (key, value) => void (entries.has(key) || entries.set(key, value)),
  }))),
  "set() is complete when it resolves: who opens the store then finds it": () => createStore(),
  "keys are kept apart, whatever they mean elsewhere": always(createStore((entries) => ({
    get: (key) => entries.get(key.toLowerCase()),
    set: (key, value) => void entries.set(key.toLowerCase(), value),
  }))),
  "delete() removes one key and leaves the others": always(createStore((entries) => ({
    delete: () => entries.clear(),
  }))),
  "delete() of what is not there does no harm": always(createStore((entries) => ({
    delete: (key) => {
      if (!entries.delete(key)) throw new Error("There is nothing");
    },
  }))),
  "set() works after delete()": always(createStore((entries) => ({
    delete: (key) =>
      void Object.assign(entries, { get: (other: string) => other === key ? undefined : null }),
  }))),
  "writes at the same time lose nothing": always(createStore((entries) => ({
    set: async (key, value) => {
      const seen = [...entries];
      await pause();
      entries.clear();
      for (const [name, text] of [...seen, [key, value] as const]) entries.set(name, text);
    },
  }))),
  "who reads during a write finds the old value or the new one, whole": always(createStore((entries) => ({
    get: async (key) => {
      await pause();
      return entries.get(key);
    },
    set: async (key, value) => {
      entries.set(key, value.slice(0, 4_096));
      await pause();
      await pause();
      entries.set(key, value);
    },
  }))),
};

type WithLock = NonNullable<CredentialStore["withLock"]>;

function locking(withLock: unknown): OpenStore {
  return always(createStore(() => ({ withLock: withLock as WithLock })));
}

type Task = () => Promise<unknown>;

const NO_LOCK = locking((task: Task) => task());

const LOCK_BREACHES: Record<string, OpenStore> = {
  "withLock() returns what its task returns": locking(async (task: Task) => void await task()),
  "withLock() rethrows what its task throws, and releases the lock": locking((task: Task) =>
    task().catch(() => "swallowed")
  ),
  "withLock() runs one task at a time, whoever opened the store": NO_LOCK,
  "withLock() stops waiting if aborted, and never runs the task": NO_LOCK,
  "withLock() does not abort a running task": locking(
    (task: Task, { signal }: { signal: AbortSignal }) =>
      Promise.race([
        new Promise((resolve) => signal.addEventListener("abort", () => resolve("ended"))),
        task(),
      ]),
  ),
};

describe("the contract of a credential store", () => {
  it("is kept by a plain map", async () => {
    for (const { check } of STORE_CONTRACT) {
      const store = createStore();
      await check(() => store);
    }
  });

  it("has a violation for each of its promises", () => {
    assertEquals(Object.keys(BREACHES).sort(), STORE_CONTRACT.map(({ name }) => name).sort());
    assertEquals(Object.keys(LOCK_BREACHES).sort(), STORE_LOCK_CONTRACT.map(({ name }) => name).sort());
  });

  for (const { name, check } of STORE_CONTRACT) {
    it(`notices a violation: ${name}`, async () => {
      await assertRejects(() => check(BREACHES[name]!));
    });
  }
});

describe("the contract of a store with a lock", () => {
  for (const { name, check } of STORE_LOCK_CONTRACT) {
    it(`notices a violation: ${name}`, async () => {
      await assertRejects(() => check(LOCK_BREACHES[name]!));
    });
  }

  it("fails for a store without one", async () => {
    for (const { check } of STORE_LOCK_CONTRACT) {
      await assertRejects(() => check(() => createStore()), Error, "no lock");
    }
  });
});
