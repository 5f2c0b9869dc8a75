import { fileURLToPath } from "node:url";
import type { TestSetup } from "../../tests/harness/setup.ts";
import { ROOT } from "../deno_config.ts";
import { emptyFolder } from "../folders.ts";
import { run } from "../run.ts";
import { testEnvironment } from "../test/environment.ts";
import { runProcess } from "../test/run_process.ts";
import type { FileCoverage } from "./file_coverage.ts";
import { readLcov } from "./lcov.ts";
import { countsFolder, listCounts, logFile } from "./portions.ts";

/**
 * Runs tests on Deno and keeps what they and the programs that they start ran.
 *
 * @param name The portion that they are.
 * @param files The tests.
 * @param setup What was prepared for them.
 * @returns Whether all passed.
 */
export async function measureOnDeno(name: string, files: string[], setup: TestSetup): Promise<boolean> {
  const folder = countsFolder(name);
  await emptyFolder(folder);
  const { code } = await runProcess(setup.deno, {
    args: [
      ...["test", "-A", "--no-lock", "--no-check", "-c", setup.denoConfig],
      ...[`--coverage=${fileURLToPath(folder)}`, "--coverage-raw-data-only", ...files],
    ],
    cwd: ROOT,
    env: testEnvironment(setup),
    log: logFile(name),
  });
  await removeBroken(name);
  return code === 0;
}

/**
 * Reads what was run on Deno.
 *
 * @param names The portions.
 * @returns What ran of each source that was loaded.
 */
export async function readDenoCoverage(names: readonly string[]): Promise<FileCoverage[]> {
  const folders: string[] = [];
  for (const name of names) {
    if ((await listCounts(name)).length > 0) folders.push(fileURLToPath(countsFolder(name)));
  }
  if (folders.length === 0) return [];
  const report = await run(Deno.execPath(), [
    ...["coverage", "--quiet", "--lcov", `--include=^${new URL("src/", ROOT)}`],
    ...folders,
  ]);
  return readLcov(report, fileURLToPath(ROOT));
}

/** A process that is killed while it writes leaves half a file, which would end the report. */
async function removeBroken(name: string): Promise<void> {
  for (const file of await listCounts(name)) {
    const text = await Deno.readTextFile(file);
    if (!text.trimEnd().endsWith("}")) await Deno.remove(file);
  }
}
