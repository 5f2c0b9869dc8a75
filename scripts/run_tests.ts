/**
 * Runs the tests on Deno (the source), Node and Bun (the built and packed npm package) and workerd (the server half).
 *
 *     deno task test [PATH…] [--runtime deno|node|bun|workerd]…
 *
 * @module
 */
import { findTests } from "./test/find_tests.ts";
import { readOptions } from "./test/options.ts";
import { countResults, describeReport } from "./test/report.ts";
import { RUNS, type RuntimeReport } from "./test/runners.ts";
import { prepareWorkspace } from "./test/workspace.ts";

/** Three at once keep two cores busy, as each waits now and then. */
const RUNS_AT_ONCE = 3;

if (import.meta.main) Deno.exit(await test());

async function test(): Promise<number> {
  const { filters, runtimes } = readOptions(Deno.args);
  const files = await findTests(filters);
  console.log("Building the npm package and bundling the tests");
  const setup = await prepareWorkspace(files);
  console.log(`Testing on ${runtimes.join(", ")}; what the runners write is in .build/test/*.log`);

  const reports: RuntimeReport[] = [];
  const waiting = RUNS.filter(({ runtime }) => runtimes.includes(runtime));
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { name } = next;
      const finished = await next.run(files, setup).catch((error) => [brokenRun(name, error)]);
      finished.forEach((report) => console.log(describeReport(report)));
      reports.push(...finished);
    }
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, work));

  const { passed, failed, skipped } = countResults(reports.flatMap(({ results }) => results));
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  // On a machine that installs everything, a skipped test is a promise that nobody checked.
  return failed > 0 || (skipped > 0 && Deno.env.get("CI")) ? 1 : 0;
}

/** The other runtimes go on where one could not be started. */
function brokenRun(runtime: string, error: unknown): RuntimeReport {
  const message = error instanceof Error ? error.stack ?? error.message : String(error);
  return { runtime, results: [{ name: "the tests could not be run", outcome: "failed", message }] };
}
