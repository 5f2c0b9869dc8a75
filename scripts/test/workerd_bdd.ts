/** `@std/testing/bdd` inside workerd: collects the tests, to be run by a request. */
import type { TestResult } from "./junit.ts";

/** What a test or a hook runs. */
export type Task = () => void | Promise<void>;

type Register = (name: string, task: Task) => void;

/** Registers a test or a suite; the variants leave it out. */
export type Registration = Register & { skip: Register; ignore: Register };

interface Suite {
  path: string[];
  parent: Suite | undefined;
  hooks: Record<"beforeAll" | "afterAll" | "beforeEach" | "afterEach", Task[]>;
  /** The tests and suites, each run in its turn. */
  steps: (() => Promise<TestResult[]>)[];
}

const ROOT = suite([], undefined);
let current = ROOT;

/** Runs every collected test. */
export function runCollected(): Promise<TestResult[]> {
  return runSuite(ROOT);
}

/** Registers a suite. */
export const describe: Registration = withSkip((name: string, task: Task) => {
  const child = suite([...current.path, name], current);
  current.steps.push(() => runSuite(child));
  current = child;
  task();
  current = child.parent ?? ROOT;
});

/** Registers a test. */
export const it: Registration = withSkip((name: string, task: Task) => {
  const owner = current;
  owner.steps.push(async () => [await runTest(owner, name, task)]);
});

/** Runs once before the tests of a suite. */
export const beforeAll: (task: Task) => void = hook("beforeAll");
/** Runs once after the tests of a suite. */
export const afterAll: (task: Task) => void = hook("afterAll");
/** Runs before each test of a suite. */
export const beforeEach: (task: Task) => void = hook("beforeEach");
/** Runs after each test of a suite. */
export const afterEach: (task: Task) => void = hook("afterEach");

function suite(path: string[], parent: Suite | undefined): Suite {
  return { path, parent, hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] }, steps: [] };
}

function hook(kind: keyof Suite["hooks"]): (task: Task) => void {
  return (task) => void current.hooks[kind].push(task);
}

function withSkip(register: Register): Registration {
  const skip: Register = (name) => {
    const title = [...current.path, name].join(" > ");
    current.steps.push(() => Promise.resolve([{ name: title, outcome: "skipped" }]));
  };
  return Object.assign(register, { skip, ignore: skip });
}

async function runSuite({ path, hooks, steps }: Suite): Promise<TestResult[]> {
  const results: TestResult[] = [];
  try {
    for (const task of hooks.beforeAll) await task();
    for (const step of steps) results.push(...await step());
    for (const task of hooks.afterAll) await task();
  } catch (error) {
    results.push(failed(path, error));
  }
  return results;
}

async function runTest(owner: Suite, name: string, task: Task): Promise<TestResult> {
  const path = [...owner.path, name];
  const suites = ancestors(owner);
  try {
    for (const { hooks } of suites) for (const before of hooks.beforeEach) await before();
    try {
      await task();
    } finally {
      for (const { hooks } of suites.toReversed()) for (const after of hooks.afterEach) await after();
    }
    return { name: path.join(" > "), outcome: "passed" };
  } catch (error) {
    return failed(path, error);
  }
}

function ancestors(suite: Suite): Suite[] {
  return suite.parent === undefined ? [suite] : [...ancestors(suite.parent), suite];
}

function failed(path: string[], error: unknown): TestResult {
  const message = error instanceof Error ? error.stack ?? error.message : String(error);
  return { name: path.join(" > "), outcome: "failed", message };
}
