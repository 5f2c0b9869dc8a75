import type { ModuleGroup } from "./join_modules.ts";

/**
 * The groups of what a CLI loads on every command: one file that the entry point of the client loads, one more for a
 * command that finds a valid token in a file, and one for a CLI that has the ready commands.
 *
 * @param adapters The compiled adapters of the runtimes that such a command is run by.
 * @returns The groups.
 */
export function startGroups(adapters: readonly string[]): ModuleGroup[] {
  return [
    { name: "client", roots: ["mod.js"] },
    {
      name: "session",
      roots: [
        "src/client/context.js",
        "src/client/access_token.js",
        "src/client/session_record.js",
        "src/client/credential_choice.js",
        "src/storage/open_built_in_store.js",
        "src/storage/file_store.js",
        "src/storage/location.js",
        "src/runtime/load.js",
        ...adapters,
      ],
    },
    { name: "command_table", roots: ["commands.js"] },
  ];
}
