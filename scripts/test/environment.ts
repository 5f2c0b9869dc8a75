import { fileURLToPath } from "node:url";
import { THOROUGH_VARIABLE } from "../../tests/harness/extent.ts";
import { SETUP_VARIABLE, type TestSetup } from "../../tests/harness/setup.ts";
import { ROOT } from "../deno_config.ts";

/** The folder of everything that a test run makes. */
export const WORKSPACE: URL = new URL(".build/test/", ROOT);

/** The folder of the tests and their programs, bundled for Node and Bun. */
export const BUNDLES: URL = new URL("bundles/", WORKSPACE);

/** What is published to npm, as it is built for the tests. */
export const NPM_PACKAGE: URL = new URL("npm/", WORKSPACE);

/** What is published to JSR, as it is built for the tests. */
export const JSR_PACKAGE: URL = new URL("jsr/", WORKSPACE);

/** What stands in for `@std/testing/bdd` where `deno task test` runs the tests. */
export const COLLECTOR = "./scripts/test/collected_bdd.ts";

/** The environment variables that tests run with besides those of this process. */
export function testEnvironment(setup: TestSetup | undefined, isThorough = false): Record<string, string> {
  return {
    ...(setup && { [SETUP_VARIABLE]: JSON.stringify(setup) }),
    ...(isThorough && { [THOROUGH_VARIABLE]: "1" }),
    NO_COLOR: "1",
    // A mistake in a test must not reach the credentials of the person who runs it.
    XDG_CONFIG_HOME: fileURLToPath(new URL("home/", WORKSPACE)),
  };
}
