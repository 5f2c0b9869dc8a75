import { COLUMNS, headingOf, rowsOf } from "./rows.ts";
import type { TopicSummary } from "./summary.ts";

/** The table of a topic, as text. */
export function terminalTable({ title, groups }: TopicSummary): string {
  const rows = groups.flatMap(rowsOf);
  const widths = COLUMNS.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]!.length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))
      .join("  ").trimEnd();
  const body = groups.flatMap((group) => ["", `  ${headingOf(group)}`, ...rowsOf(group).map(line)]);
  return [`— ${title}`, line(COLUMNS), ...body, ""].join("\n");
}
