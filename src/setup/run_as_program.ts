import { loadRuntime } from "../runtime/load.ts";
import { runSetup } from "./run_setup.ts";

/** Runs the setup with the arguments of the process, and ends it. */
export async function runAsProgram(): Promise<never> {
  const runtime = await loadRuntime();
  return runtime.exit(await runSetup(runtime.args()));
}
