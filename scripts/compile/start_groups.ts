import type { ModuleGroup } from "./join_modules.ts";

/** What the adapters need, except to read a stored token. */
export const ADAPTER_HELPERS: readonly string[] = [
  "src/core/encoding.js",
  "src/core/text.js",
  "src/runtime/loopback.js",
  "src/runtime/read_line.js",
];

/**
 * Groups of what a CLI loads on every command: one file that the client's entry point loads, one more for a command
 * that finds a valid token in a file, with the modules of the `adapters` that it needs, and one for a CLI with the
 * ready-made commands.
 */
export function startGroups(...adapters: string[]): ModuleGroup[] {
  return [
    { name: "client", roots: ["mod.js"] },
    {
      name: "session",
      roots: [
        "src/client/context.js",
        "src/client/session/access_token.js",
        "src/client/session/record.js",
        "src/storage/open_store.js",
        "src/storage/file_store.js",
        "src/storage/location.js",
        "src/runtime/load.js",
        ...adapters,
      ],
    },
    { name: "command_table", roots: ["commands.js"] },
  ];
}
