import type { TestRuntime } from "./places.ts";

/** A test file on one runtime. */
export interface Placement {
  file: string;
  runtime: TestRuntime;
  /** Whether it needs what is built and installed. */
  needsPackage: boolean;
}

/** Tests that one process runs. */
export interface Batch {
  /** Such as `node client 2`. */
  name: string;
  runtime: TestRuntime;
  /** A compatibility flag of workerd. */
  flag?: string;
  files: string[];
  /** Whether they need what is built and installed. */
  needsPackage: boolean;
  /** How long they probably take. */
  expectedMs: number;
}

/** How long each file took the last time, by {@linkcode durationKey}. */
export type Durations = Record<string, number>;

/** Short enough for all processors to be busy to the end, long enough for the start of a process not to count. */
const TARGET_MS = 10_000;

const DEFAULT_MS = 250;

/** What takes much longer, by the beginning of its path, for a run that knows no durations yet. */
const SLOW_MS: readonly (readonly [string, number])[] = [
  ["tests/repository/model_whole_test.ts", 90_000],
  ["tests/client/session_property_whole_test.ts", 40_000],
  ["tests/repository/jsr_test.ts", 40_000],
  ["tests/e2e/chromium_test.ts", 20_000],
  ["tests/repository/jsr_package_test.ts", 12_000],
  ["tests/repository/model_test.ts", 12_000],
  ["tests/faults/sample_test.ts", 6_000],
  ["tests/faults/", 12_000],
  ["tests/examples/notes_test.ts", 8_000],
  ["tests/processes/", 7_000],
  ["tests/storage/lock_processes_test.ts", 7_000],
  ["tests/storage/keychain_test.ts", 7_000],
  ["tests/repository/guides_test.ts", 7_000],
  ["tests/repository/npm_", 5_000],
  ["tests/storage/keychain_protection_test.ts", 4_000],
  ["tests/storage/kill_test.ts", 4_000],
  ["tests/server_platforms/worker_test.ts", 4_000],
  ["tests/repository/compiled_binary_test.ts", 4_000],
  ["tests/repository/launcher_test.ts", 4_000],
  ["tests/e2e/", 3_000],
  ["tests/fuzz/", 3_000],
  ["tests/runtime/terminal_test.ts", 4_000],
  ["tests/runtime/programs_test.ts", 3_000],
  ["tests/storage/keychain_prompt_test.ts", 2_000],
  ["tests/commands/profiles_test.ts", 2_000],
];

/** The name of a file on a runtime. */
export function durationKey(runtime: TestRuntime, file: string): string {
  return `${runtime} ${file}`;
}

/**
 * Shares tests out to processes, the longest first. Each has tests of one directory on one runtime, as they share what is
 * global.
 */
export function planBatches(placements: readonly Placement[], durations: Durations): Batch[] {
  const groups = Map.groupBy(
    placements,
    ({ file, runtime, needsPackage }) => [runtime, file.split("/")[1], needsPackage].join(" "),
  );
  const batches = [...groups.values()].flatMap((group) => splitGroup(group, durations));
  return batches.sort((a, b) => b.expectedMs - a.expectedMs);
}

function splitGroup(group: Placement[], durations: Durations): Batch[] {
  const [{ runtime, file: first, needsPackage }] = group as [Placement];
  const timed = group.map(({ file }) => ({
    file,
    ms: durations[durationKey(runtime, file)] ?? guessMs(file),
  })).sort((a, b) => b.ms - a.ms);
  const totalMs = timed.reduce((sum, { ms }) => sum + ms, 0);
  const name = `${runtime} ${first.split("/")[1]}`;
  if (runtime === "workerd") {
    const files = timed.map(({ file }) => file);
    const batch = { runtime, files, needsPackage, expectedMs: totalMs };
    return ["", "nodejs_compat"].map((flag) => ({ ...batch, name: `${name} ${flag}`.trim(), flag }));
  }
  const batches = Array.from({ length: Math.ceil(totalMs / TARGET_MS) }, (_, index): Batch => ({
    name: `${name}${runtime === "deno" && needsPackage ? " with the package" : ""} ${index + 1}`,
    runtime,
    files: [],
    needsPackage,
    expectedMs: 0,
  }));
  for (const { file, ms } of timed) {
    const shortest = batches.reduce((a, b) => b.expectedMs < a.expectedMs ? b : a);
    shortest.files.push(file);
    shortest.expectedMs += ms;
  }
  return batches.filter(({ files }) => files.length > 0);
}

function guessMs(file: string): number {
  return SLOW_MS.find(([path]) => file.startsWith(path))?.[1] ?? DEFAULT_MS;
}
