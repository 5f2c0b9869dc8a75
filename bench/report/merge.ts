import type { Results } from "./summary.ts";

/**
 * Puts the topics of a new run in the place of those of an earlier one. What was not measured again stays as it was.
 *
 * @param earlier The earlier run, if there was one.
 * @param results The new one.
 * @param order The names of all topics in the order of the report.
 * @returns All that is known.
 */
export function merge(earlier: Results | undefined, results: Results, order: readonly string[]): Results {
  const topics = new Map([...earlier?.topics ?? [], ...results.topics].map((topic) => [topic.name, topic]));
  return { ...results, topics: order.flatMap((name) => topics.get(name) ?? []) };
}
