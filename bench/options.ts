import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface BenchOptions {
  isQuick: boolean;
  /** The names of the topics; none means all. */
  topics: string[];
  /** The JSON file of an earlier run. */
  compareWith: string | undefined;
  /** Whether the package is built anew. */
  build: boolean;
  /** Whether the figures become those of docs/performance.md. */
  intoDocument: boolean;
}

/**
 * Reads the command line of `deno task bench`.
 *
 * @param args The arguments.
 * @returns What they ask for.
 * @throws {TypeError} If an argument is not understood.
 */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: {
      quick: { type: "boolean", default: false },
      "no-build": { type: "boolean", default: false },
      document: { type: "boolean", default: false },
      topic: { type: "string", multiple: true, default: [] },
      compare: { type: "string" },
    },
  });
  const { quick, topic, compare, document } = values;
  return {
    isQuick: quick,
    topics: topic,
    compareWith: compare,
    build: !values["no-build"],
    intoDocument: document,
  };
}
