import { fileURLToPath } from "node:url";
import { emptyFolder } from "../../scripts/folders.ts";
import { SECRET_SERVICE, startKeyring } from "../../tests/harness/keyring.ts";
import type { Bench, Group, Line, Topic } from "../bench.ts";
import { startProgram } from "../processes.ts";
import type { StoreName } from "../programs/store.ts";

type Stores = readonly [own: StoreName, ...others: [name: StoreName, label: string][]];

const FILES: Stores = [
  "file",
  ["systemCalls", "system calls"],
  ["memory", "in memory"],
  ["msalFile", "MSAL extensions, FilePersistence"],
];
const KEYCHAINS: Stores = [
  "keychain",
  ["keyring", "@napi-rs/keyring alone"],
  ["msalKeychain", "MSAL extensions, LibSecretPersistence"],
];
const OPERATIONS = { get: "get", set: "set", delete: "set and delete" };

/** What a store's operations cost, once its modules are loaded. */
export const store: Topic = {
  name: "store",
  title: "Stores",
  about:
    "One operation on a store in a process that has used it before. By system calls, a file is read and parsed, or written, " +
    "flushed and renamed, or removed. What MSAL writes is not flushed, nor written atomically. With a keychain this package " +
    "keeps a key there and the record sealed in a file, which is flushed; the others keep the whole record there.",
  async prepare({ folder, runtimes, resources }: Bench): Promise<Group[]> {
    const keyring = SECRET_SERVICE.missing === undefined ? await startKeyring() : undefined;
    resources.defer(() => keyring?.close());
    if (!keyring) console.log(`Without a keychain: ${SECRET_SERVICE.missing}`);
    const groups: Group[] = [];
    for (const runtime of runtimes) {
      const home = new URL(`store_${runtime.family}/`, folder);
      await emptyFolder(home);
      const { ask, close } = await startProgram(runtime, "store", {
        args: [fileURLToPath(home)],
        env: { ...keyring?.env, XDG_CONFIG_HOME: fileURLToPath(home) },
        needsScripts: true,
      });
      resources.defer(close);
      for (const [own, ...others] of keyring ? [FILES, KEYCHAINS] : [FILES]) {
        for (const [operation, title] of Object.entries(OPERATIONS)) {
          const line = (name: StoreName, label: string): Line => ({
            label,
            measure: () => ask(`${name} ${operation}`),
          });
          groups.push({
            label: `${runtime.label}: ${own}, ${title}`,
            unit: "µs",
            own: line(own, `${own} store`),
            others: others.map(([name, label]) => line(name, label)) as [Line],
          });
        }
      }
    }
    return groups;
  },
};
