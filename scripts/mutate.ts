/**
 * Changes the sources in many small ways, one at a time, and looks whether a test notices (mutation testing, by Stryker).
 * Each mutant costs a run of the tests on Deno, up to the first that fails: a folder takes minutes to hours. The reports
 * are `.build/mutate/reports/*.html`.
 *
 *     deno task mutate [FOLDER|FILE]… [--tests PATH]…
 *
 * Paths are below `src`, such as `core`, `storage/lock` or `core/jwt.ts`. Without any, all of FOLDERS are done. Only the
 * tests at `--tests` are run, or else those of the folder of the same name.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { ROOT } from "./deno_config.ts";
import { writeJson } from "./folders.ts";
import { CONFIG_FILE, currentRegistry } from "./registry.ts";

const STRYKER = "npm:@stryker-mutator/core@9.6.1";

/** The folders of `src` whose tests, in the folder of `tests` of the same name, are to notice. */
const FOLDERS = ["core", "storage", "client", "server"];

/** Tests that take too long to be repeated for every mutant. */
const LONG_TESTS = [
  "tests/client/hostile_client_test.ts",
  "tests/client/session_property_test.ts",
  "tests/client/session_property_whole_test.ts",
  "tests/server/hostile_test.ts",
];

/** Of a hundred mutants, so many must be noticed. */
const LOWEST_SCORE = 85;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tests: { type: "string", multiple: true } },
});
const low: string[] = [];
for (const path of positionals.length === 0 ? FOLDERS : positionals) {
  const name = path.replaceAll("/", "_");
  const file = new URL(`.build/mutate/${name}.json`, ROOT);
  await Deno.mkdir(new URL(".", file), { recursive: true });
  const tests = values.tests ?? [`tests/${path.split("/", 1)[0]}`];
  await writeJson(file, {
    testRunner: "command",
    commandRunner: { command: testCommand(tests) },
    coverageAnalysis: "off",
    mutate: [path.endsWith(".ts") ? `src/${path}` : `src/${path}/**/*.ts`],
    // Each runner works on a copy of the repository.
    ignorePatterns: ["/.build", "/bench", "/docs", "/jsr", "/npm"],
    tempDirName: ".build/mutate/copies",
    thresholds: { high: 95, low: LOWEST_SCORE, break: LOWEST_SCORE },
    reporters: ["progress-append-only", "clear-text", "html"],
    clearTextReporter: { allowColor: false, reportTests: false },
    htmlReporter: { fileName: `.build/mutate/reports/${name}.html` },
  });
  const args = ["--yes", `--package=${STRYKER.slice("npm:".length)}`, "stryker", "run", file.pathname];
  const { success } = await new Deno.Command("npx", { args, cwd: ROOT, stdin: "null" }).spawn().status;
  if (!success) low.push(path);
}
if (low.length > 0) console.log(`Failed, or below ${LOWEST_SCORE} %: ${low.join(", ")}`);
Deno.exit(low.length === 0 ? 0 : 1);

function testCommand(tests: readonly string[]): string {
  const config = ["-c", CONFIG_FILE[currentRegistry()], `--ignore=${LONG_TESTS.join(",")}`];
  const options = ["-A", "--quiet", "--fail-fast", "--no-lock", "--no-check", ...config];
  return [JSON.stringify(Deno.execPath()), "test", ...options, ...tests].join(" ");
}
