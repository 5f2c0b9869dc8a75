import { columnsOf, headingOf, rowsOf } from "./rows.ts";
import type { GroupSummary, Results, TopicSummary } from "./summary.ts";

/** The figures of a run, as a part of a document. */
export function markdownOf(
  { topics, ...surroundings }: Results,
  chartOf: (topic: TopicSummary) => string,
): string {
  const { machine, versions, date, isQuick } = surroundings;
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  const quick = isQuick ? " A quick run: the figures are coarse." : "";
  return [
    `Measured ${date} on ${machine}; ${list}.${quick}`,
    ...topics.flatMap((topic) => sectionOf(topic, chartOf(topic))),
  ].join("\n\n");
}

function sectionOf(topic: TopicSummary, chart: string): string[] {
  return [
    `## ${topic.title}`,
    topic.about,
    `![${topic.title}: bar chart](${chart})`,
    ...topic.groups.flatMap((group) => [`**${headingOf(group)}**`, table(group)]),
  ];
}

function table(group: GroupSummary): string {
  const columns = columnsOf([group]);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = `| --- |${" ---: |".repeat(columns.length - 1)}`;
  return [line(columns), rule, ...rowsOf(group, columns).map(line)].join("\n");
}
