/** The folders of sources that are mutated, with the tests that shall notice. */
export const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  core: ["tests/core/"],
  storage: ["tests/storage/"],
  client: ["tests/client/"],
  server: ["tests/server/"],
};

/** Tests that take too long to be repeated for every mutant, or that need another place to run in. */
export const LEFT_OUT: readonly string[] = [
  "tests/client/hostile_client_test.ts",
  "tests/client/session_property_test.ts",
  "tests/server/cache_api_cache_test.ts",
  "tests/server/hostile_test.ts",
];
