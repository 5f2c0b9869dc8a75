import { figure } from "./rows.ts";
import type { GroupSummary, LineSummary, Results } from "./summary.ts";

/** A figure that is not what it was. */
export interface Move {
  topic: string;
  group: string;
  line: string;
  /** What moved: the ratio to the floor where there is one, as it is less the machine's; else the median. */
  before: string;
  after: string;
  /** How much more it is now, in percent. */
  percent: number;
}

/** Less than this is what any two runs differ by. */
const MIN_CHANGE = 0.1;

/**
 * Tells what moved from one run to another: by a tenth at least, and out of the middle half of what was measured.
 *
 * @param before The earlier run.
 * @param after The later one.
 * @returns What moved, the most first.
 */
export function compare(before: Results, after: Results): Move[] {
  const earlier = new Map(linesOf(before).map((found) => [keyOf(found), found]));
  return linesOf(after)
    .flatMap((found) => moveOf(earlier.get(keyOf(found)), found) ?? [])
    .sort((one, other) => Math.abs(other.percent) - Math.abs(one.percent));
}

interface Found {
  topic: string;
  group: GroupSummary;
  line: LineSummary;
}

function linesOf({ topics }: Results): Found[] {
  return topics.flatMap(({ name, groups }) =>
    groups.flatMap((group) => group.lines.map((line) => ({ topic: name, group, line })))
  );
}

function keyOf({ topic, group, line }: Found): string {
  return JSON.stringify([topic, group.label, group.unit, line.label]);
}

function moveOf(before: Found | undefined, { topic, group, line }: Found): Move | undefined {
  if (!before || overlap(before.line, line)) return undefined;
  const isRatio = line.overFloor !== undefined && before.line.overFloor !== undefined;
  const was = isRatio ? before.line.overFloor! : before.line.median;
  const is = isRatio ? line.overFloor! : line.median;
  const change = is / was - 1;
  if (!(Math.abs(change) >= MIN_CHANGE)) return undefined;
  const text = (value: number) => isRatio ? `${figure(value)} × floor` : `${figure(value)} ${group.unit}`;
  return {
    topic,
    group: group.label,
    line: line.label,
    before: text(was),
    after: text(is),
    percent: Math.round(change * 100),
  };
}

/** Whether the middle halves of two lines meet; of a single sample each, whether they are the same. */
function overlap(one: LineSummary, other: LineSummary): boolean {
  return one.low <= other.high && other.low <= one.high;
}
