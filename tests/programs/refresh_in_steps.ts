/**
 * Refreshes a stored session, and once more up to a step: `refresh_in_steps CONFIG STEP`. Each time it prints the
 * result as one line of JSON. The second refresh starts at a line on its standard input, and stops before the step with
 * that number, which it names: the test then has to kill it.
 *
 * @module
 */
import process from "node:process";
import { getAccessToken, openContext, resolveConfig } from "../doors/client.ts";
import { isClerkCliAuthError } from "../doors/core.ts";
import { loadRuntime, type Runtime } from "../doors/runtime.ts";
import { stepwiseRuntime } from "../harness/stepwise_runtime.ts";

const [config = "{}", stepsBefore] = process.argv.slice(2);

async function refresh(runtime: Runtime): Promise<void> {
  const events: string[] = [];
  const resolved = resolveConfig({
    ...JSON.parse(config),
    ui: "none",
    onEvent: (event) =>
      void events.push(event.type === "session_ended" ? `${event.type}:${event.reason}` : event.type),
  });
  try {
    const result = await getAccessToken(await openContext(resolved, runtime));
    print(JSON.stringify({ result, events }));
  } catch (error) {
    if (!isClerkCliAuthError(error)) throw error;
    print(JSON.stringify({ error: error.code, events }));
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const runtime = await loadRuntime();
print("started");
await refresh(runtime);
await new Promise((resolve) => process.stdin.once("data", resolve));
let stepsLeft = Number(stepsBefore);
await refresh(stepwiseRuntime(runtime, {
  isLast: (step) => {
    if (--stepsLeft !== 0) return false;
    print(`stopped before: ${step}`);
    return true;
  },
  stop: () => new Promise(() => {}),
}));
process.exit();
