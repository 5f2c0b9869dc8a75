/** Formats a Markdown table as the formatter would, with columns as wide as necessary. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => ""), ...rows];
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column]!.length)));
  const format = (line: readonly string[], filler: string) =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column]!, filler)).join(" | ")} |`;
  return lines.map((line, index) => format(line, index === 1 ? "-" : " ")).join("\n");
}
