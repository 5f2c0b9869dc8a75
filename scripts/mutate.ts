/**
 * Changes the sources in many small ways and looks whether a test notices (mutation testing). The report of each folder
 * is `.build/mutate/reports/FOLDER.html`; what was found of files that are as they were, as are their tests, is kept
 * beside it, so that a folder can be done file by file.
 *
 *     deno task mutate [core|storage|client|server[/FOLDER][/FILE.ts]]…
 *
 * @module
 */
import { listSources } from "./list_sources.ts";
import { FOLDERS, LEFT_OUT } from "./mutate/folders.ts";
import { prepareWorkspace, WORKSPACE } from "./mutate/workspace.ts";

/** Of a hundred mutants, so many must be noticed. */
const LOWEST_SCORE = 85;

if (import.meta.main) Deno.exit(await mutate(Deno.args));

async function mutate(wanted: string[]): Promise<number> {
  const paths = wanted.length === 0 ? Object.keys(FOLDERS) : wanted;
  for (const path of paths) testsOf(path); // Says at once which path is wrong.
  await prepareWorkspace();
  const low: string[] = [];
  for (const path of paths) {
    console.log(`Mutating src/${path}`);
    if (await runStryker(path) !== 0) low.push(path);
  }
  if (low.length > 0) {
    console.log(`Fewer than ${LOWEST_SCORE} % were noticed, or it failed: ${low.join(", ")}`);
  }
  return low.length === 0 ? 0 : 1;
}

function testsOf(path: string): readonly string[] {
  const tests = FOLDERS[folderOf(path)];
  if (!tests) throw new TypeError(`Cannot mutate '${path}': known are ${Object.keys(FOLDERS).join(", ")}`);
  return tests;
}

function folderOf(path: string): string {
  return path.split("/", 1)[0]!;
}

async function runStryker(path: string): Promise<number> {
  const tests = (await listSources(["tests"])).filter((file) =>
    file.endsWith("_test.ts") && testsOf(path).some((folder) => file.startsWith(folder)) &&
    !LEFT_OUT.includes(file)
  );
  await Deno.writeTextFile(new URL("stryker.config.json", WORKSPACE), JSON.stringify(configuration(path)));
  const { code } = await new Deno.Command("npx", {
    args: ["--no-install", "stryker", "run"],
    cwd: WORKSPACE,
    env: { MUTATE_FOLDER: folderOf(path), MUTATE_TESTS: JSON.stringify(tests) },
    stdin: "null",
  }).spawn().status;
  return code;
}

function configuration(path: string): unknown {
  const report = `reports/${folderOf(path)}`;
  return {
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    mutate: [path.endsWith(".ts") ? `src/${path}` : `src/${path}/**/*.ts`],
    // Only the tests that come by a mutant are run for it; what is computed when a module is loaded would take them all,
    // and new modules.
    coverageAnalysis: "perTest",
    ignoreStatic: true,
    incremental: true,
    incrementalFile: `${report}.incremental.json`,
    concurrency: 2,
    timeoutMS: 5000,
    tempDirName: ".stryker",
    vitest: { configFile: "vitest.config.mjs", related: false },
    thresholds: { high: 95, low: LOWEST_SCORE, break: LOWEST_SCORE },
    reporters: ["progress-append-only", "clear-text", "html", "json"],
    clearTextReporter: { allowColor: false, reportTests: false },
    htmlReporter: { fileName: `${report}.html` },
    jsonReporter: { fileName: `${report}.json` },
  };
}
