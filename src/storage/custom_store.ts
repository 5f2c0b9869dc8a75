import { ClerkCliAuthError, isClerkCliAuthError } from "../core/errors.ts";
import { unlessAborted } from "../core/time.ts";
import type { TokenSet } from "../core/tokens.ts";
import { Turns } from "./file_store.ts";
import type { ClientStore, CredentialStore, Held, HeldLock, StoreDescription, WaitOptions } from "./store.ts";

/** Adapts a custom store. Without `withLock`, its tasks run one at a time in this process. */
export function customStore(store: CredentialStore): ClientStore {
  return {
    get: (key) => store.get(key),
    set: (key, value) => store.set(key, value),
    saveLogin: (key, value) => store.set(key, value),
    delete: (key) => store.delete(key),
    describe: async () => describes(store) ? await store.describe() : undefined,
    withLock: (task, options) =>
      store.withLock ? underItsLock(store, task, options) : inTurn(store, task, options),
    crossProcess: undefined,
  };
}

/** Creates a store that lives as long as the process. */
export function memoryStore(): ClientStore {
  const entries = new Map<string, string>();
  const store: CredentialStore & Describing = {
    get: (key) => entries.get(key) ?? null,
    set: (key, value) => void entries.set(key, value),
    delete: (key) => entries.delete(key),
    describe: () => Promise.resolve({ location: "memory", protection: "memory" }),
  };
  return customStore(store);
}

interface Describing {
  describe(): Promise<StoreDescription>;
}

function describes(store: CredentialStore): store is CredentialStore & Describing {
  return "describe" in store && typeof store.describe === "function";
}

/** Runs a task under the store's lock. Errors of the lock, not of the task, become `storage` errors. */
async function underItsLock<T>(
  store: CredentialStore,
  task: (held: Held) => Promise<T>,
  options: WaitOptions,
): Promise<T> {
  let failure: unknown;
  const noting = (held?: unknown) =>
    task(isHeldLock(held) ? held : undefined).catch((error) => {
      failure = error;
      throw error;
    });
  try {
    return await store.withLock!(noting, options);
  } catch (error) {
    if (error === failure || isClerkCliAuthError(error)) throw error;
    throw await storeFailure(error, { verb: "lock" });
  }
}

/** A custom lock may pass anything to its task. */
function isHeldLock(held: unknown): held is HeldLock {
  return typeof (held as Partial<HeldLock> | null | undefined)?.isStillHeld === "function";
}

const turns = new WeakMap<CredentialStore, Turns>();

async function inTurn<T>(
  store: CredentialStore,
  task: (held: Held) => Promise<T>,
  { signal }: WaitOptions,
): Promise<T> {
  const ofStore = turns.get(store) ?? new Turns();
  turns.set(store, ofStore);
  const turn = ofStore.take(() => {
    signal.throwIfAborted();
    return task(undefined);
  });
  return await unlessAborted(turn, signal);
}

/** A store operation that failed. */
export interface StoreOperation {
  verb: "read" | "store" | "remove" | "lock";
  /** The tokens being stored, to redact from the cause. */
  tokens?: TokenSet | undefined;
  /** Other secrets to redact from the cause. */
  secrets?: readonly string[];
}

/** Wraps what a store threw in a `storage` error. */
export async function storeFailure(
  cause: unknown,
  { verb, tokens, secrets = [] }: StoreOperation,
): Promise<ClerkCliAuthError> {
  const { cleanCause, tokenSecrets } = await import("../core/redact.ts");
  return new ClerkCliAuthError("storage", `The credential store could not ${verb} the credentials`, {
    action: "Check the credential store",
    cause: cleanCause(cause, [...secrets, ...(tokens ? tokenSecrets(tokens) : [])]),
  });
}
