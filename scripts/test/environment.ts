import { fileURLToPath } from "node:url";
import { SETUP_VARIABLE, type TestSetup } from "../../tests/harness/setup.ts";
import { WORKSPACE } from "./workspace.ts";

/**
 * The environment variables that tests run with.
 *
 * @param setup What was prepared for them.
 * @returns What is added to the environment.
 */
export function testEnvironment(setup: TestSetup): Record<string, string> {
  return {
    [SETUP_VARIABLE]: JSON.stringify(setup),
    NO_COLOR: "1",
    // A mistake in a test must not reach the credentials of the person who runs it.
    XDG_CONFIG_HOME: fileURLToPath(new URL("home/", WORKSPACE)),
  };
}
