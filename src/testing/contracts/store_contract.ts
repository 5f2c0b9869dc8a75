import type { Awaitable } from "../../core/time.ts";
import type { CredentialStore } from "../../storage/store.ts";

/** Opens the store under test. Every call opens the same credentials. */
export type OpenStore = () => Awaitable<CredentialStore>;

/** A guarantee of credential stores, as a test. */
export interface StorePromise {
  /** The name of the test. */
  readonly name: string;
  /** Rejects unless the store, initially empty, passes. */
  check(open: OpenStore): Promise<void>;
}

/** Keys with a special meaning to a file system, a JavaScript object or a command line. */
const KEYS = [
  "tokens",
  "",
  "a b",
  "a/b",
  "../escape",
  "__proto__",
  "constructor",
  "--help",
  "ключ",
  "Tokens",
];

const VALUES: Record<string, string> = {
  "an empty text": "",
  "JSON": '{"accessToken":"a","nested":{"quote":"\\""}}',
  "line breaks and control characters": "a\r\nb\u0000c\u001b[2J\u2028",
  "text beyond ASCII": "Änne 🦊 ключ",
  "100,000 characters": "0123456789".repeat(10_000),
};

/** The guarantees of every credential store, whatever its storage. Register each as a test. */
export const STORE_CONTRACT: readonly StorePromise[] = [
  {
    name: "get() gives nothing for a key that was never set",
    async check(open) {
      const store = await open();
      for (const key of KEYS) expectNothing(await store.get(key), key);
    },
  },
  ...Object.entries(VALUES).map(([what, value]): StorePromise => ({
    name: `get() gives back ${what}`,
    async check(open) {
      const store = await open();
      await store.set("tokens", value);
      expectSame(await store.get("tokens"), value, "the value");
    },
  })),
  {
    name: "set() replaces what stood there",
    async check(open) {
      const store = await open();
      await store.set("tokens", "a long first value");
      await store.set("tokens", "second");
      expectSame(await store.get("tokens"), "second", "the value");
    },
  },
  {
    name: "set() is complete when it resolves: who opens the store then finds it",
    async check(open) {
      await (await open()).set("tokens", "value");
      expectSame(await (await open()).get("tokens"), "value", "the value");
    },
  },
  {
    name: "keys are kept apart, whatever they mean elsewhere",
    async check(open) {
      const store = await open();
      for (const key of KEYS) await store.set(key, `value of ${key}`);
      for (const key of KEYS) expectSame(await store.get(key), `value of ${key}`, `the value of "${key}"`);
    },
  },
  {
    name: "delete() removes one key and leaves the others",
    async check(open) {
      const store = await open();
      for (const key of KEYS) await store.set(key, key);
      await store.delete("__proto__");
      await store.delete("tokens");
      for (const key of KEYS) {
        const value = await store.get(key);
        if (key === "__proto__" || key === "tokens") expectNothing(value, key);
        else expectSame(value, key, `the value of "${key}"`);
      }
    },
  },
  {
    name: "delete() of what is not there does no harm",
    async check(open) {
      const store = await open();
      await store.delete("tokens");
      await store.set("tokens", "value");
      await store.delete("other");
      expectSame(await store.get("tokens"), "value", "the value");
    },
  },
  {
    name: "set() works after delete()",
    async check(open) {
      const store = await open();
      await store.set("tokens", "first");
      await store.delete("tokens");
      expectNothing(await (await open()).get("tokens"), "tokens");
      await store.set("tokens", "second");
      expectSame(await store.get("tokens"), "second", "the value");
    },
  },
  {
    name: "writes at the same time lose nothing",
    async check(open) {
      const store = await open();
      const keys = Array.from({ length: 20 }, (_, index) => `key${index}`);
      await Promise.all(keys.map((key) => store.set(key, key)));
      for (const key of keys) expectSame(await store.get(key), key, `the value of "${key}"`);
    },
  },
  {
    name: "who reads during a write finds the old value or the new one, whole",
    async check(open) {
      const [reader, writer] = [await open(), await open()];
      const values = ["a".repeat(50_000), "b".repeat(70_000)];
      await writer.set("tokens", values[0]!);
      let isWriting = true;
      const writing = writeInTurn(writer, values).finally(() => isWriting = false);
      while (isWriting) {
        const value = await reader.get("tokens");
        if (!values.includes(value ?? "")) throw new Error(`Read ${value?.length ?? "no"} characters`);
      }
      await writing;
    },
  },
];

async function writeInTurn(store: CredentialStore, values: readonly string[]): Promise<void> {
  for (let round = 0; round < 10; round++) {
    for (const value of values) await store.set("tokens", value);
  }
}

function expectSame(actual: unknown, expected: string, what: string): void {
  if (actual !== expected) throw new Error(`Expected ${what} to be ${quote(expected)}: got ${quote(actual)}`);
}

function expectNothing(actual: unknown, key: string): void {
  if (actual !== null && actual !== undefined) {
    throw new Error(`Expected nothing under "${key}": got ${quote(actual)}`);
  }
}

function quote(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 100);
}
