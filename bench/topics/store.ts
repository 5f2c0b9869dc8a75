import { fileURLToPath } from "node:url";
import { emptyFolder } from "../../scripts/folders.ts";
import { SECRET_SERVICE, startKeyring } from "../../tests/harness/keyring.ts";
import type { Bench, Group, Line, Topic } from "../bench.ts";
import { runSubject } from "../measure/subject.ts";

type Times = Record<string, number[]>;

const OPERATIONS = { get: "get", set: "set", setAndDelete: "set and delete" } as const;

/** What the operations of a store cost, once its modules are loaded. */
export const store: Topic = {
  name: "store",
  title: "Stores",
  about:
    "One operation on a store in a process that has used it before. The floor reads and parses a file, or writes, " +
    "flushes and renames one, and removes it.",
  async measure(bench: Bench): Promise<Group[]> {
    const keyring = SECRET_SERVICE.missing === undefined ? await startKeyring() : undefined;
    const groups: Group[] = [];
    for (const runtime of bench.runtimes.filter(({ build }) => build === "published")) {
      const folder = new URL("store/", bench.workspace.folder);
      await emptyFolder(folder);
      const kinds = ["memory", "file", ...(keyring ? ["keychain"] : [])];
      const results = await runSubject<Record<keyof typeof OPERATIONS, Times>>(runtime, "store", {
        args: [fileURLToPath(folder), kinds, bench.isQuick ? 5 : 30],
        env: { ...keyring?.env, XDG_CONFIG_HOME: fileURLToPath(folder) },
      });
      for (const [operation, name] of Object.entries(OPERATIONS)) {
        const times = results[operation as keyof typeof OPERATIONS];
        groups.push({
          label: `${runtime.label}, ${name}`,
          unit: "µs",
          lines: Object.entries(times).map(lineOf),
        });
      }
    }
    await keyring?.close();
    return groups;
  },
};

function lineOf([name, samples]: [string, number[]]): Line {
  if (name === "floor") return { label: "system calls", role: "floor", samples };
  return { label: name, role: name === "file" ? "own" : "part", samples };
}
