/** Removes everything that identifies a runtime, and writes the outcome of `loadRuntime()`. */
import { loadRuntime } from "../../doors/runtime.ts";

for (const name of ["Deno", "navigator", "process"]) {
  Object.defineProperty(globalThis, name, { value: undefined, configurable: true });
}
await loadRuntime().then(() => console.log("loaded"), (error) => console.log(error.code));
