import { fileURLToPath } from "node:url";
import { emptyFolder } from "../../scripts/folders.ts";
import { SECRET_SERVICE, startKeyring } from "../../tests/harness/keyring.ts";
import type { Bench, Group, Line, Role, Topic } from "../bench.ts";
import { withScripts } from "../measure/runtimes.ts";
import { runSubject } from "../measure/subject.ts";
import type { StoreTimes } from "../subjects/store.ts";

const OPERATIONS: Readonly<Record<keyof StoreTimes, string>> = {
  get: "get",
  set: "set",
  setAndDelete: "set and delete",
};

type Stores = Readonly<Record<string, readonly [label: string, role: Role]>>;

const FILES: Stores = {
  floor: ["system calls", "floor"],
  file: ["file", "own"],
  memory: ["memory", "part"],
  msal: ["MSAL extensions, FilePersistence", "peer"],
};
const KEYCHAINS: Stores = {
  keychain: ["keychain", "own"],
  keyring: ["@napi-rs/keyring alone", "peer"],
  msal: ["MSAL extensions, LibSecretPersistence", "peer"],
};

/** What the operations of a store cost, once its modules are loaded. */
export const store: Topic = {
  name: "store",
  title: "Stores",
  about:
    "One operation on a store in a process that has used it before. The floor reads and parses a file, or writes, " +
    "flushes and renames one, and removes it. What MSAL writes is not flushed, nor is it there as a whole or not at all. " +
    "With a keychain this package keeps a key there and the record sealed in a file, which is flushed; the others keep " +
    "the whole record there.",
  async measure(bench: Bench): Promise<Group[]> {
    const keyring = SECRET_SERVICE.missing === undefined ? await startKeyring() : undefined;
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      const folder = new URL("store/", bench.workspace.folder);
      await emptyFolder(folder);
      const { files, keychains } = await runSubject<{ files: StoreTimes; keychains?: StoreTimes }>(
        withScripts(runtime),
        "store",
        {
          args: [fileURLToPath(folder), keyring !== undefined, bench.isQuick ? 5 : 30],
          env: { ...keyring?.env, XDG_CONFIG_HOME: fileURLToPath(folder) },
        },
      );
      groups.push(...groupsOf(`${runtime.label}, file`, files, FILES));
      if (keychains) groups.push(...groupsOf(`${runtime.label}, keychain`, keychains, KEYCHAINS));
    }
    await keyring?.close();
    return groups;
  },
};

function groupsOf(label: string, times: StoreTimes, stores: Stores): Group[] {
  return Object.entries(OPERATIONS).map(([operation, name]): Group => {
    const samples = times[operation as keyof StoreTimes];
    const lines = Object.entries(stores).map(([key, [label, role]]): Line => {
      return { label, role, samples: samples[key]! };
    });
    return { label: `${label}, ${name}`, unit: "µs", lines };
  });
}
