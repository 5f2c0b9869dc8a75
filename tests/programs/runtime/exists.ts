/** Writes whether anything stands at the path in its argument. */
import { loadRuntime } from "../../../src/runtime/load.ts";

const { args, exists } = await loadRuntime();
console.log(exists(args()[0] ?? ""));
