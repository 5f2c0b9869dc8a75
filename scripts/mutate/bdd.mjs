// `@std/testing/bdd` on the test runner that mutants are tried with.
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";

describe.ignore = describe.skip;
it.ignore = it.skip;

export { afterAll, afterEach, beforeAll, beforeEach, describe, it };
