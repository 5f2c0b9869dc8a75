/** Writes, as JSON, the runtime's values of the environment variables in its arguments, and the home directory. */
import process from "node:process";
import { loadRuntime } from "../../doors/runtime.ts";

const { env, homeDirectory } = await loadRuntime();
console.log(
  JSON.stringify([...process.argv.slice(2).map((name) => env(name) ?? null), homeDirectory() ?? null]),
);
