/**
 * Measures what this package costs, against the bare runtime (the floor) and other libraries.
 *
 *     deno task bench [--quick] [--topic NAME]… [--compare FILE] [--document] [--no-build]
 *
 * Prints a table for each topic, and writes the figures to `.build/bench/results.json`; `--document` writes them into
 * docs/performance.md and bench/results.json. `--compare` prints what moved since the run of that file;
 * `--no-build` measures what was built for the run before.
 *
 * @module
 */
import { writeJson } from "../scripts/folders.ts";
import type { Topic } from "./bench.ts";
import { prepareWorkspace } from "./measure/workspace.ts";
import { readOptions } from "./options.ts";
import { compare } from "./report/compare.ts";
import { writeDocument } from "./report/document.ts";
import { type Results, summarize, type TopicSummary } from "./report/summary.ts";
import { surroundings } from "./report/surroundings.ts";
import { terminalTable } from "./report/terminal.ts";
import { TOPICS } from "./topics/topics.ts";

if (import.meta.main) await benchmark(Deno.args);

async function benchmark(args: readonly string[]): Promise<void> {
  const { isQuick, topics, compareWith, intoDocument, build } = readOptions(args);
  const chosen = choose(topics);
  const earlier: Results | undefined = compareWith && JSON.parse(await Deno.readTextFile(compareWith));
  const begun = performance.now();
  console.log("Preparing this package and its peers");
  const workspace = await prepareWorkspace({ build });
  console.log(`${since(begun)}\n`);
  const bench = { isQuick, workspace, runtimes: workspace.runtimes };

  const summaries: TopicSummary[] = [];
  for (const topic of chosen) {
    const started = performance.now();
    const summary = summarize(topic, await topic.measure(bench));
    console.log(terminalTable(summary));
    console.log(`${since(started)}\n`);
    summaries.push(summary);
  }
  const results: Results = { ...await surroundings(bench), topics: summaries };
  await writeJson(new URL("results.json", workspace.folder), results);
  if (intoDocument) await writeDocument(results, TOPICS.map(({ name }) => name));
  if (earlier) printMoves(earlier, results);
  console.log(`All of it ${since(begun)}`);
  // Servers of the runtime may still be closing.
  Deno.exit();
}

function since(started: number): string {
  return `(${((performance.now() - started) / 1000).toFixed(0)} s)`;
}

function choose(names: readonly string[]): readonly Topic[] {
  const unknown = names.find((name) => !TOPICS.some((topic) => topic.name === name));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot measure '${unknown}': known are ${TOPICS.map(({ name }) => name).join(", ")}`,
    );
  }
  return names.length === 0 ? TOPICS : TOPICS.filter(({ name }) => names.includes(name));
}

function printMoves(earlier: Results, results: Results): void {
  const moves = compare(earlier, results);
  console.log(moves.length === 0 ? "Nothing moved" : "What moved:");
  for (const { topic, group, line, before, after, percent } of moves) {
    console.log(`${percent > 0 ? "+" : ""}${percent} %  ${topic}, ${group}, ${line}: ${before} → ${after}`);
  }
}
