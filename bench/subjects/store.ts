/** Sets, gets and deletes an entry in each store, in turns with plain system calls. */
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type BuiltInStoreKind, createCredentialStore } from "@clerk/cli-auth";
import { finish, readArguments } from "./support/arguments.ts";
import { contest, type Task } from "./support/contest.ts";

type Operation = "set" | "get" | "delete";

const [folder, kinds, rounds] = readArguments<[string, BuiltInStoreKind[], number]>();
const VALUE = JSON.stringify({ accessToken: "a".repeat(900), refreshToken: "r".repeat(64) });
const path = join(folder, "floor.json");

const floor = {
  async set() {
    const file = await open(`${path}.new`, "w", 0o600);
    await file.writeFile(VALUE);
    await file.sync();
    await file.close();
    await rename(`${path}.new`, path);
  },
  get: () => readFile(path, "utf8").then(JSON.parse),
  delete: () => rm(path, { force: true }),
};

const stores = kinds.map((kind) => {
  const store = createCredentialStore(kind, {
    clientId: `store-${kind}`,
    keychainFallback: "error",
    ...(kind === "file" && { filePath: join(folder, "own.json") }),
  });
  const operations: Record<Operation, Task> = {
    set: () => store.set("tokens", VALUE),
    get: () => store.get("tokens"),
    delete: () => store.delete("tokens"),
  };
  return [kind, operations] as [string, Record<Operation, Task>];
});

const subjects: [string, Record<Operation, Task>][] = [["floor", floor], ...stores];

function measure(taskOf: (subject: Record<Operation, Task>) => Task, calls: number) {
  const tasks = subjects.map(([name, subject]) => [name, taskOf(subject)]);
  return contest(Object.fromEntries(tasks), { rounds, calls });
}

finish({
  set: await measure(({ set }) => set, 5),
  get: await measure((subject) => subject.get, 20),
  setAndDelete: await measure((subject) => async () => {
    await subject.set();
    await subject.delete();
  }, 5),
});
