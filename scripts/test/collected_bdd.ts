/**
 * `@std/testing/bdd` for `deno task test`: collects the tests of a file, then runs them one after another. It is the
 * same on every runtime, so that a process can run many files, and needs nothing of the platform.
 */

/** The result of one test. */
export interface TestResult {
  /** The names of its suites and its own, joined by ` > `. */
  name: string;
  outcome: "passed" | "failed" | "skipped";
  /** What a failed test threw. */
  message?: string;
}

/** The body of a test or a hook. */
export type Task = () => void | Promise<void>;

/** Notified of each test before it runs, and of its result. */
export interface Reporter {
  started(name: string): void;
  ended(result: TestResult): void;
}

type Register = (name: string, task: Task) => void;

/** Registers a test or a suite. The variants skip it. */
export type Registration = Register & { skip: Register; ignore: Register };

type HookKind = "beforeAll" | "afterAll" | "beforeEach" | "afterEach";

interface Suite {
  path: string[];
  parent: Suite | undefined;
  hooks: Record<HookKind, Task[]>;
  /** Tests and suites, to run in order. */
  steps: ((reporter: Reporter) => Promise<void>)[];
}

let current = suite([], undefined);

/** Runs the tests of the file that `load` imports. */
export async function runFile(load: () => Promise<unknown>, reporter: Reporter): Promise<void> {
  const file = suite([], undefined);
  current = file;
  try {
    await load();
  } catch (error) {
    return reporter.ended(failedTest("the file is loaded", error));
  }
  await runSuite(file, reporter);
}

/** Registers a suite. */
export const describe: Registration = withSkip((name: string, task: Task) => {
  const parent = current;
  const child = suite([...parent.path, name], parent);
  parent.steps.push((reporter) => runSuite(child, reporter));
  current = child;
  try {
    task();
  } finally {
    current = parent;
  }
});

/** Registers a test. */
export const it: Registration = withSkip((name: string, task: Task) => {
  const owner = current;
  owner.steps.push(async (reporter) => {
    reporter.started(pathOf(owner, name));
    reporter.ended(await runTest(owner, name, task));
  });
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

function hook(kind: HookKind): (task: Task) => void {
  return (task) => void current.hooks[kind].push(task);
}

function withSkip(register: Register): Registration {
  const skip: Register = (name) => {
    const owner = current;
    owner.steps.push((reporter) =>
      Promise.resolve(reporter.ended({ name: pathOf(owner, name), outcome: "skipped" }))
    );
  };
  return Object.assign(register, { skip, ignore: skip });
}

function pathOf({ path }: Suite, name: string): string {
  return [...path, name].join(" > ");
}

/** Cleanup hooks always run, as the next files share the process. */
async function runSuite({ path, hooks, steps }: Suite, reporter: Reporter): Promise<void> {
  try {
    try {
      for (const task of hooks.beforeAll) await task();
      for (const step of steps) await step(reporter);
    } finally {
      for (const task of hooks.afterAll) await task();
    }
  } catch (error) {
    reporter.ended(failedTest(path.join(" > ") || "the hooks of the file", error));
  }
}

async function runTest(owner: Suite, title: string, task: Task): Promise<TestResult> {
  const suites = ancestors(owner);
  const name = pathOf(owner, title);
  try {
    for (const { hooks } of suites) for (const before of hooks.beforeEach) await before();
    try {
      await task();
    } finally {
      for (const { hooks } of suites.toReversed()) for (const after of hooks.afterEach) await after();
    }
    return { name, outcome: "passed" };
  } catch (error) {
    return failedTest(name, error);
  }
}

function ancestors(suite: Suite): Suite[] {
  return suite.parent === undefined ? [suite] : [...ancestors(suite.parent), suite];
}

/** Describes an error with its causes. */
export function failedTest(name: string, error: unknown): TestResult {
  const lines: string[] = [];
  for (
    let thrown = error;
    thrown !== undefined;
    thrown = thrown instanceof Error ? thrown.cause : undefined
  ) {
    lines.push(thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown));
  }
  return { name, outcome: "failed", message: lines.join("\ncaused by ") };
}
