import type { TestRuntime } from "./places.ts";

/** What a test needs that Windows under Wine lacks. */
interface Fault {
  why: string;
  /** Where the tests are. @default everywhere */
  file?: string;
  /** The only runtime that lacks it. @default all runtimes */
  runtime?: TestRuntime;
  /** The tests. @default the whole file, which would hang and is not run */
  names?: RegExp;
}

/** A test that failed, or a test file. */
interface Failure {
  file: string;
  name?: string;
  runtime: TestRuntime;
}

const NO_LINKS = "Wine makes no symbolic links";
const NO_REFUSAL = "to Bun under Wine, a connection that is refused looks open, and stays silent";

const FAULTS: readonly Fault[] = [
  { why: "Bun under Wine removes no folder with a dot in its name", runtime: "bun", names: /^cleans up$/ },
  { why: NO_REFUSAL, runtime: "bun", file: "tests/storage/lock_hosts_test.ts" },
  { why: NO_REFUSAL, runtime: "bun", file: "tests/storage/lock_steps_test.ts", names: /is free at once/ },
  { why: NO_LINKS, file: "tests/commands/profiles_test.ts", names: /are not named by a link/ },
  { why: NO_LINKS, file: "tests/storage/links_test.ts", names: /^a link in the place/ },
  { why: NO_LINKS, file: "tests/storage/lock_test.ts", names: /a number is there that cannot be read/ },
];

/** Why a failed test, or a file that would hang, says nothing about Windows; `undefined` if it does. */
export function wineFault({ file, name, runtime }: Failure): string | undefined {
  return FAULTS.find((fault) =>
    [file, undefined].includes(fault.file) && [runtime, undefined].includes(fault.runtime) &&
    (name === undefined ? fault.names === undefined : fault.names?.test(name))
  )?.why;
}
