/**
 * Starts or completes a login up to a step: `two_calls_in_steps CONFIG STEP [LOGIN [RESPONSE]]`. It stops before the
 * step with that number, which it names: the test then has to kill it. If there is no such step, it prints the result
 * as one line of JSON.
 *
 * @module
 */
import process from "node:process";
import { beginLogin, completeLogin, openContext, resolveConfig } from "../doors/client.ts";
import { loadRuntime } from "../doors/runtime.ts";
import { stepwiseRuntime } from "../harness/stepwise_runtime.ts";

const [config = "{}", stepsBefore, login, response] = process.argv.slice(2);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

let stepsLeft = Number(stepsBefore);
const runtime = stepwiseRuntime(await loadRuntime(), {
  isLast: (step) => {
    if (--stepsLeft !== 0) return false;
    print(`stopped before: ${step}`);
    return true;
  },
  stop: () => new Promise(() => {}),
});
const context = await openContext(resolveConfig({ ...JSON.parse(config), ui: "none" }), runtime);
const result = login === undefined
  ? await beginLogin(context)
  : await completeLogin(context, { login, ...(response && { response }) });
print(JSON.stringify(result));
