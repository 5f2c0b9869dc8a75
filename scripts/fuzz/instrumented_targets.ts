import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { createInstrumenter } from "npm:istanbul-lib-instrument@6.0.3";
import { rolldown } from "npm:rolldown@1.2.19";
import type { FuzzTarget } from "../../tests/fuzz/fuzz_target.ts";
import { ROOT } from "../deno_config.ts";

/** Where the instrumented sources put what ran: how often each branch was taken, by file and branch. */
export const COVERAGE_VARIABLE = "__fuzzCoverage";

const FOLDER = new URL(".build/fuzz/", ROOT);
const SOURCES = "sources";

/**
 * Loads the targets with sources that count which of their branches are taken.
 *
 * @returns The targets.
 */
export async function loadInstrumentedTargets(): Promise<readonly FuzzTarget[]> {
  const build = await rolldown({
    input: fileURLToPath(new URL("tests/fuzz/all_targets.ts", ROOT)),
    // Whatever is no file of ours, Deno finds by itself.
    external: (id) => !id.startsWith(".") && !isAbsolute(id),
    logLevel: "silent", // That modules end up in one chunk is what is wanted.
  });
  const instrumenter = createInstrumenter({ esModules: true, coverageVariable: COVERAGE_VARIABLE });
  await build.write({
    dir: fileURLToPath(FOLDER),
    format: "esm",
    entryFileNames: "targets.js",
    chunkFileNames: "[name].js",
    advancedChunks: { groups: [{ name: SOURCES, test: /\/src\// }] },
    plugins: [{
      name: "instrument",
      renderChunk: (code, { name, fileName }) =>
        name === SOURCES ? instrumenter.instrumentSync(code, fileName) : undefined,
    }],
  });
  await build.close();
  const module = await import(new URL("targets.js", FOLDER).href);
  return module.TARGETS;
}
