import { ROOT } from "../../scripts/deno_config.ts";
import { writeJson } from "../../scripts/folders.ts";
import { chartOf } from "./chart.ts";
import { markdownOf } from "./markdown.ts";
import { replaceFigures } from "./replace_figures.ts";
import type { Results } from "./summary.ts";

const DOCUMENT = new URL("docs/performance.md", ROOT);

/** Puts the figures of a run into docs/performance.md, with a chart for each topic, and keeps them to compare with. */
export async function writeDocument(results: Results): Promise<void> {
  const chartFile = ({ name }: { name: string }) => `performance_${name}.svg`;
  const text = await Deno.readTextFile(DOCUMENT);
  await Deno.writeTextFile(DOCUMENT, replaceFigures(text, markdownOf(results, chartFile)));
  for (const topic of results.topics) {
    await Deno.writeTextFile(new URL(chartFile(topic), DOCUMENT), chartOf(topic));
  }
  await writeJson(new URL("bench/results.json", ROOT), results);
}
