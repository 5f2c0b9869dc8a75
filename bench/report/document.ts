import { fileURLToPath } from "node:url";
import { ROOT } from "../../scripts/deno_config.ts";
import { writeJson } from "../../scripts/folders.ts";
import { CONFIG_FILE, currentRegistry } from "../../scripts/registry.ts";
import { run } from "../../scripts/run.ts";
import { chartOf } from "./chart.ts";
import { markdownOf } from "./markdown.ts";
import { merge } from "./merge.ts";
import { replaceFigures } from "./replace_figures.ts";
import type { Results } from "./summary.ts";

const DOCUMENT = new URL("docs/performance.md", ROOT);

const CONFIG = fileURLToPath(new URL(CONFIG_FILE[currentRegistry()], ROOT));
const KEPT = new URL("bench/results.json", ROOT);

/**
 * Puts the figures of a run into docs/performance.md, with a chart for each topic, and keeps them to compare with. Of
 * topics that were not measured this time the figures stay.
 *
 * @param results The run.
 * @param order The names of all topics in the order of the report.
 */
export async function writeDocument(results: Results, order: readonly string[]): Promise<void> {
  const all = merge(await readKept(), results, order);
  const chartFile = ({ name }: { name: string }) => `performance_${name}.svg`;
  const text = await Deno.readTextFile(DOCUMENT);
  await Deno.writeTextFile(DOCUMENT, replaceFigures(text, markdownOf(all, chartFile)));
  for (const topic of all.topics) {
    await Deno.writeTextFile(new URL(chartFile(topic), DOCUMENT), chartOf(topic));
  }
  await writeJson(KEPT, all);
  // Tables are aligned as the formatter wants them.
  await run(Deno.execPath(), ["fmt", "--quiet", "-c", CONFIG, fileURLToPath(DOCUMENT), fileURLToPath(KEPT)]);
}

async function readKept(): Promise<Results | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(KEPT));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
