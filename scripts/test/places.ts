/** Runtimes that tests run on. */
export const RUNTIMES = ["deno", "node", "bun", "workerd"] as const;

export type TestRuntime = typeof RUNTIMES[number];

interface Place {
  /** How the paths of the tests start. */
  path: string;
  /** Where they run in the everyday run: where their results can differ. */
  everyday: readonly TestRuntime[];
  /** Where they run with `--all`: wherever they can. @default Deno, Node and Bun */
  all?: readonly TestRuntime[];
}

const DENO: readonly TestRuntime[] = ["deno"];
const BUN: readonly TestRuntime[] = ["bun"];
const THREE: readonly TestRuntime[] = ["deno", "node", "bun"];

/** Where the tests of each directory run. The first line that matches a file counts. */
const PLACES: readonly Place[] = [
  // These start programs on every runtime themselves.
  { path: "tests/processes/", everyday: DENO, all: DENO },
  // What these prove changes only with the protocol or with deno.json, and takes a minute each.
  { path: "tests/repository/model_whole_test.ts", everyday: [], all: DENO },
  { path: "tests/repository/jsr_test.ts", everyday: [], all: DENO },
  { path: "tests/repository/", everyday: DENO, all: DENO },
  // tests/faults/sample_test.ts has each fault of these tables, and each line that starts no process. Its own processes cost
  // Bun half as much.
  { path: "tests/faults/access_token_test.ts", everyday: [] },
  { path: "tests/faults/login_test.ts", everyday: [] },
  { path: "tests/faults/other_methods_test.ts", everyday: [] },
  { path: "tests/faults/server_test.ts", everyday: [] },
  { path: "tests/faults/sample_test.ts", everyday: BUN },
  // Ten times as many lives of a session.
  { path: "tests/client/session_property_whole_test.ts", everyday: [], all: DENO },
  // These depend on their runtime only through the adapter. Whole sessions on Node and Bun, in terminals too, are in
  // tests/e2e.
  { path: "tests/client/", everyday: DENO },
  { path: "tests/commands/", everyday: DENO },
  // These take seconds and do the same on every runtime. Other files in their directories show what differs.
  { path: "tests/e2e/chromium_test.ts", everyday: DENO },
  { path: "tests/e2e/conformance_test.ts", everyday: DENO },
  { path: "tests/e2e/device_test.ts", everyday: DENO },
  { path: "tests/e2e/draft_test.ts", everyday: DENO },
  { path: "tests/e2e/form_post_test.ts", everyday: DENO },
  // The command-line parsers are Node packages.
  { path: "tests/examples/parsers_test.ts", everyday: ["node"] },
  // On Deno it runs in tests/processes/deno_permissions_test.ts.
  { path: "tests/examples/notes_test.ts", everyday: BUN },
  { path: "tests/examples/", everyday: DENO },
  // What is above the adapters; system_keychain_test.ts and keychain_prompt_test.ts show that each reaches a keychain. These
  // and the next start many processes, which cost Bun half as much.
  { path: "tests/storage/keychain_protection_test.ts", everyday: BUN },
  { path: "tests/storage/keychain_test.ts", everyday: BUN },
  { path: "tests/storage/keychain_permissions_test.ts", everyday: DENO, all: DENO },
  // A file is replaced by the same steps everywhere; tests/runtime/files_test.ts shows what each adapter does of them.
  { path: "tests/storage/kill_test.ts", everyday: BUN },
  { path: "tests/storage/lock_steps_test.ts", everyday: BUN },
  // Processes of all three runtimes meet in tests/processes.
  { path: "tests/storage/lock_processes_test.ts", everyday: DENO },
  // Verifies as tests/server does on the others.
  { path: "tests/server_platforms/foreign_issuer_test.ts", everyday: BUN },
  // Asks an instance through @clerk/backend.
  { path: "tests/server_platforms/live_test.ts", everyday: DENO },
  // What these start is another runtime.
  { path: "tests/server_platforms/own_routes_test.ts", everyday: ["node"] },
  { path: "tests/server_platforms/narrow_permissions_test.ts", everyday: DENO },
  { path: "tests/server_platforms/next_route_test.ts", everyday: ["node"] },
  { path: "tests/server_platforms/worker_test.ts", everyday: ["node"] },
  { path: "tests/server_platforms/workers_kv_cache_test.ts", everyday: ["node"] },
  // Bun has Node's terminal, which tests/runtime/terminal_test.ts tries on it.
  { path: "tests/e2e/terminal_login_test.ts", everyday: ["deno", "node"] },
  // Adapters, files and locks, sessions, terminals, and the published package.
  { path: "tests/e2e/", everyday: THREE },
  { path: "tests/runtime/", everyday: THREE },
  { path: "tests/server_platforms/", everyday: THREE },
  { path: "tests/storage/", everyday: THREE },
  // Minutes of load, computed.
  { path: "tests/server/limits_test.ts", everyday: DENO },
  { path: "tests/server/", everyday: ["deno", "workerd"], all: RUNTIMES },
  // The rest computes, or uses what is tested above.
  { path: "tests/", everyday: DENO },
];

/** Selects places. */
export interface PlaceOptions {
  /** The requested runtimes. */
  runtimes: readonly TestRuntime[];
  /** Whether a file runs wherever it can. */
  all: boolean;
}

/**
 * Returns the runtimes that a test file runs on.
 *
 * @param file Its path from the root of the repository.
 */
export function placesOf(file: string, { runtimes, all }: PlaceOptions): TestRuntime[] {
  const place = PLACES.find(({ path }) => file.startsWith(path));
  const places = (all ? place?.all ?? THREE : place?.everyday) ?? [];
  return places.filter((runtime) => runtimes.includes(runtime));
}
