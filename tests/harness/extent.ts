/** The environment variable by which `deno task test --all` asks tests to be thorough. */
export const THOROUGH_VARIABLE = "CLI_AUTH_TEST_THOROUGHLY";

/**
 * Whether tests of random input try as many cases as are worth waiting for. The everyday run tries fewer, and so does workerd,
 * which has no environment.
 */
export const IS_THOROUGH: boolean =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process
    ?.env[THOROUGH_VARIABLE] === "1";
