import { joinModules, type ModuleGroup } from "../compile/join_modules.ts";
import { ADAPTER_HELPERS, startGroups } from "../compile/start_groups.ts";

/** What is loaded together when it is: each file of its own would cost Node a millisecond. */
const LATER: readonly ModuleGroup[] = [
  { name: "shared", roots: ADAPTER_HELPERS },
  {
    name: "refresh",
    roots: [
      "src/client/refresh.js",
      "src/client/expected_account.js",
      "src/client/replace_session.js",
      "src/client/whoami.js",
      "src/storage/lock/credential_lock.js",
      "src/storage/remove_own_file.js",
      "src/storage/write_own_file.js",
      "src/storage/tombstone.js",
      "src/runtime/node/tcp.js",
      "src/runtime/node/transport.js",
    ],
  },
  { name: "login", roots: ["src/client/login.js", "src/runtime/node/serve.js", "src/runtime/bun/serve.js"] },
  { name: "keychain", roots: ["src/storage/keychain/keychain_store.js"] },
  {
    name: "deno",
    roots: ["src/runtime/deno.js"],
    lazy: true,
    within: /[/\\]src[/\\]runtime[/\\]deno\b/,
  },
  { name: "commands", roots: ["commands.js"], lazy: true, within: /[/\\]src[/\\]commands[/\\]/ },
];

/** What {@linkcode joinForNpm} joins. */
export interface JoinForNpmOptions {
  /** The names of the entry points. */
  entries: string[];
  /** The folder of the compiled ES modules. */
  from: URL;
  /** The folder that the files are written to. */
  to: URL;
}

/**
 * Joins the modules of the npm package. Node and Bun read a file when it is imported, so what is imported lazily stays in
 * files of its own.
 *
 * @param options What to join.
 */
export async function joinForNpm({ entries, from, to }: JoinForNpmOptions): Promise<void> {
  const groups = [...startGroups(["src/runtime/node.js", "src/runtime/bun.js"]), ...LATER];
  await joinModules({ entries, from, to, groups });
}
