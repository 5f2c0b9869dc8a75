import { joinModules } from "../compile/join_modules.ts";
import { startGroups } from "../compile/start_groups.ts";

const OUTPUTS = [
  { format: "esm", folder: "esm/", define: {} },
  // CommonJS has no `import.meta`; the program of the package is a module in `bin/`.
  {
    format: "cjs",
    folder: "script/",
    define: {
      "import.meta.main": "false",
      "import.meta.url": 'require("node:url").pathToFileURL(__filename).href',
    },
  },
] as const;

/** What a command loads that has to refresh: fourteen files otherwise, each of which costs Node a millisecond. */
const REFRESH = [
  "src/client/refresh.js",
  "src/storage/lock/credential_lock.js",
  "src/storage/write_own_file.js",
  "src/storage/tombstone.js",
  "src/runtime/node/tcp.js",
  "src/runtime/node/transport.js",
];

/** What {@linkcode joinForNpm} joins. */
export interface JoinForNpmOptions {
  /** The names of the entry points. */
  entries: string[];
  /** The folder of the compiled ES modules. */
  from: URL;
  /** The folder of the package. */
  to: URL;
}

/**
 * Joins the modules of the npm package, as ES modules and as CommonJS. Node and Bun read a file when it is imported, so
 * what is imported lazily stays in files of its own.
 *
 * @param options What to join.
 */
export async function joinForNpm({ entries, from, to }: JoinForNpmOptions): Promise<void> {
  const groups = [
    ...startGroups(["src/runtime/node.js", "src/runtime/bun.js"]),
    { name: "refresh", roots: REFRESH },
  ];
  for (const { folder, ...output } of OUTPUTS) {
    await joinModules({ entries, from, to: new URL(folder, to), groups, ...output });
  }
}
