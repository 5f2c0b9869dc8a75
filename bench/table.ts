import { columnsOf, headingOf, rowsOf } from "./rows.ts";
import type { TopicSummary } from "./summary.ts";

/** The table of a topic, as text. */
export function terminalTable({ title, groups }: TopicSummary): string {
  const columns = columnsOf(groups);
  const rows = groups.flatMap((group) => rowsOf(group, columns));
  const widths = columns.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]!.length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))
      .join("  ").trimEnd();
  const body = groups.flatMap((group) => ["", `  ${headingOf(group)}`, ...rowsOf(group, columns).map(line)]);
  return [`— ${title}`, line(columns), ...body, ""].join("\n");
}
