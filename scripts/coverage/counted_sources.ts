import { fileURLToPath } from "node:url";
import { createInstrumenter } from "npm:istanbul-lib-instrument@6.0.3";
import type { Plugin } from "npm:rolldown@1.2.19";
import { ROOT } from "../deno_config.ts";
import type { FileCoverage } from "./file_coverage.ts";
import { readIstanbulCounts } from "./istanbul_counts.ts";

const SOURCES = fileURLToPath(new URL("src/", ROOT));
const WRITER = "write-counts";
const VARIABLE = "__coverage__";

/** What a test runner that comes by no exit has to do at its end, as a module for Bun. */
export const WRITE_AFTER_TESTS: string = `
  import { afterAll } from "bun:test";
  afterAll(() => globalThis.writeCounts?.());
`;

const INSTRUMENTER = createInstrumenter({
  esModules: true,
  coverageVariable: VARIABLE,
  parserPlugins: ["typescript"],
});

/**
 * Has the sources in a bundle count what of them runs, for runtimes that do not tell. Each process writes it down when
 * it ends.
 *
 * @param folder Where to.
 * @returns The plugins.
 */
export function countedSources(folder: URL): Plugin[] {
  const writer = writerOf(fileURLToPath(folder));
  return [{
    name: "counted-sources",
    resolveId: (specifier) => specifier === WRITER ? `\0${WRITER}` : undefined,
    load: (id) => id === `\0${WRITER}` ? writer : undefined,
    transform(code, id) {
      if (!id.startsWith(SOURCES)) return undefined;
      return `${INSTRUMENTER.instrumentSync(code, id)}\nimport ${JSON.stringify(WRITER)};`;
    },
  }];
}

/**
 * Counts what there is to run in a source that no test has loaded.
 *
 * @param file The path of the source from the root of the repository.
 * @returns Its lines and branches; none where it holds types only.
 */
export async function countUnloaded(file: string): Promise<FileCoverage> {
  const url = new URL(file, ROOT);
  INSTRUMENTER.instrumentSync(await Deno.readTextFile(url), fileURLToPath(url));
  const counts = INSTRUMENTER.lastFileCoverage();
  const [coverage] = readIstanbulCounts([{ [counts.path]: counts }]);
  return coverage!;
}

function writerOf(folder: string): string {
  return `
    import { writeFileSync } from "node:fs";
    import process from "node:process";
    const file = ${JSON.stringify(folder)} + process.pid + "-" + Date.now() + ".json";
    const write = () => writeFileSync(file, JSON.stringify(globalThis.${VARIABLE} ?? {}));
    process.on("exit", write);
    globalThis.writeCounts = write;
    // A process that ends itself by a signal comes by no exit.
    const kill = process.kill;
    process.kill = (pid, signal) => {
      if (pid === process.pid) write();
      return kill.call(process, pid, signal);
    };
  `;
}
