/** `@std/testing/bdd` on the test runners built into Node and Deno. */
import {
  after,
  afterEach as afterEachTest,
  before,
  beforeEach as beforeEachTest,
  describe as suite,
  it as test,
} from "node:test";

/** The body of a test or a hook. */
export type Task = () => void | Promise<void>;

type Register = (name: string, task: Task) => void;

/** Registers a test or a suite by name. The variants skip it, or run only it. */
export type Registration = Register & Record<"skip" | "ignore" | "only", Register>;

type Native = (name: string, task: Task) => unknown;

/** Registers a suite. */
export const describe: Registration = register(suite);
/** Registers a test. */
export const it: Registration = register(test);
/** Runs once before the tests of a suite. */
export const beforeAll: (task: Task) => void = before;
/** Runs once after the tests of a suite. */
export const afterAll: (task: Task) => void = after;
/** Runs before each test of a suite. */
export const beforeEach: (task: Task) => void = beforeEachTest;
/** Runs after each test of a suite. The suite throws what it throws, too: for a test, Deno keeps that to itself. */
export function afterEach(task: Task): void {
  const failures: unknown[] = [];
  afterEachTest(async () => {
    try {
      await task();
    } catch (error) {
      failures.push(error);
    }
  });
  after(() => {
    if (failures.length > 0) throw failures[0];
  });
}

function register(native: Native & Record<"skip" | "only", Native>): Registration {
  // The runner passes a context, or a callback to functions that take one. Neither is part of the bdd interface.
  const call = (method: Native): Register => (name, task) => void method(name, () => task());
  const skip = call(native.skip);
  return Object.assign(call(native), { skip, ignore: skip, only: call(native.only) });
}
