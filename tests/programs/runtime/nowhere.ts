/** Takes away what runtimes are told by, as a place that is none of them, and writes what becomes of `loadRuntime()`. */
import { loadRuntime } from "../../doors/runtime.ts";

for (const name of ["Deno", "navigator", "process"]) {
  Object.defineProperty(globalThis, name, { value: undefined, configurable: true });
}
await loadRuntime().then(() => console.log("loaded"), (error) => console.log(error.code));
