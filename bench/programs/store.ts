/** Sets, gets and deletes an entry in each store, in turns. */
import { join } from "node:path";
import type { Sample } from "../bench.ts";
import { keyringItem } from "./stores/keyring.ts";
import { msalStore } from "./stores/msal.ts";
import type { Operations } from "./stores/operations.ts";
import { ownStore } from "./stores/own.ts";
import { systemCalls } from "./stores/system_calls.ts";
import { finish, readArguments } from "./support/arguments.ts";
import { contest, type Task } from "./support/contest.ts";

/** What was measured of each operation, in microseconds, by the name of the store. */
export type StoreTimes = Record<"get" | "set" | "setAndDelete", Record<string, Sample[]>>;

const [folder, hasKeychain, rounds] = readArguments<[string, boolean, number]>();

async function measure(stores: Record<string, Operations>): Promise<StoreTimes> {
  const run = (taskOf: (store: Operations) => Task, calls: number) => {
    const tasks = Object.entries(stores).map(([name, store]) => [name, taskOf(store)]);
    return contest(Object.fromEntries(tasks), { rounds, calls });
  };
  return {
    set: await run((store) => () => store.set(), 5),
    get: await run((store) => () => store.get(), 20),
    setAndDelete: await run((store) => async () => {
      await store.set();
      await store.delete();
    }, 5),
  };
}

const files = await measure({
  floor: systemCalls(join(folder, "floor.json")),
  file: ownStore("file", join(folder, "own.json")),
  memory: ownStore("memory"),
  msal: await msalStore("file", join(folder, "msal", "tokens.json")),
});
const keychains = hasKeychain
  ? await measure({
    keychain: ownStore("keychain"),
    keyring: keyringItem(),
    msal: await msalStore("keychain", join(folder, "msal", "lock.json")),
  })
  : undefined;
finish({ files, keychains });
