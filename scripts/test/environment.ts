import { fileURLToPath } from "node:url";
import { THOROUGH_VARIABLE } from "../../tests/harness/extent.ts";
import { SETUP_VARIABLE, type TestSetup } from "../../tests/harness/setup.ts";
import { ROOT } from "../deno_config.ts";

/** The directory of everything that a test run creates. */
export const WORKSPACE: URL = new URL(".build/test/", ROOT);

/** The directory of the tests and their programs, bundled for Node and Bun. */
export const BUNDLES: URL = new URL("bundles/", WORKSPACE);

/** The npm package, built for the tests. */
export const NPM_PACKAGE: URL = new URL("npm/", WORKSPACE);

/** The JSR package, built for the tests. */
export const JSR_PACKAGE: URL = new URL("jsr/", WORKSPACE);

/** Replaces `@std/testing/bdd` in `deno task test`. */
export const COLLECTOR = "./scripts/test/collected_bdd.ts";

/** Environment variables of tests, in addition to this process's own. */
export function testEnvironment(setup: TestSetup | undefined, isThorough = false): Record<string, string> {
  return {
    ...(setup && { [SETUP_VARIABLE]: JSON.stringify(setup) }),
    ...(isThorough && { [THOROUGH_VARIABLE]: "1" }),
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    // A mistake in a test must not reach the developer's own credentials.
    XDG_CONFIG_HOME: fileURLToPath(new URL("home/", WORKSPACE)),
  };
}
