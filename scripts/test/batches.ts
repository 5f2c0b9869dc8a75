import type { PlaceOptions, TestRuntime } from "./places.ts";

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
  /** The expected duration. */
  expectedMs: number;
}

/** Duration of each file's last run, by {@linkcode durationKey}. */
export type Durations = Record<string, number>;

/** Long enough to make the start of a process irrelevant. */
const TARGET_MS = 15_000;

/** Enough to keep all processors busy to the end. Durations measured on a busy machine must not add processes. */
const MOST_TARGETS = 40;

const DEFAULT_MS = 250;

/** The compatibility flags of workerd. In the everyday run, tests/server_platforms/worker_test.ts uses the last one. */
const FLAGS = { everyday: [""], all: ["", "nodejs_compat"] };

/** Slow tests, by the start of their paths, for a run that knows no durations yet. */
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
  ["tests/repository/frameworks_test.ts", 20_000],
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

export function durationKey(runtime: TestRuntime, file: string): string {
  return `${runtime} ${file}`;
}

/**
 * Distributes tests to processes, the longest first. Each process has tests of one directory on one runtime, as they
 * share globals.
 */
export function planBatches(
  placements: readonly Placement[],
  { durations, all }: Pick<PlaceOptions, "all"> & { durations: Durations },
): Batch[] {
  const groups = Map.groupBy(
    placements,
    ({ file, runtime, needsPackage }) => [runtime, file.split("/")[1], needsPackage].join(" "),
  );
  const timed = [...groups.values()].map((group) => timeGroup(group, durations));
  const totalMs = timed.flat().reduce((sum, { ms }) => sum + ms, 0);
  const targetMs = Math.max(TARGET_MS, totalMs / MOST_TARGETS);
  const batches = timed.flatMap((group) =>
    splitGroup(group, { targetMs, flags: all ? FLAGS.all : FLAGS.everyday })
  );
  return batches.sort((a, b) => b.expectedMs - a.expectedMs);
}

/** A placement and its expected duration. */
type TimedPlacement = Placement & { ms: number };

/** Sorts the longest first. */
function timeGroup(group: readonly Placement[], durations: Durations): TimedPlacement[] {
  return group.map((placement) => ({
    ...placement,
    ms: durations[durationKey(placement.runtime, placement.file)] ?? guessMs(placement.file),
  })).sort((a, b) => b.ms - a.ms);
}

function splitGroup(
  timed: readonly TimedPlacement[],
  { targetMs, flags }: { targetMs: number; flags: string[] },
): Batch[] {
  const [{ runtime, file: first, needsPackage }] = timed as [TimedPlacement];
  const totalMs = timed.reduce((sum, { ms }) => sum + ms, 0);
  const name = `${runtime} ${first.split("/")[1]}`;
  if (runtime === "workerd") {
    const files = timed.map(({ file }) => file);
    const batch = { runtime, files, needsPackage, expectedMs: totalMs };
    return flags.map((flag) => ({ ...batch, name: `${name} ${flag}`.trim(), flag }));
  }
  const batches = Array.from({ length: Math.ceil(totalMs / targetMs) }, (_, index): Batch => ({
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
