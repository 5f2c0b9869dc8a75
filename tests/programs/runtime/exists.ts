/** Writes whether anything is at the path in its argument. */
import { loadRuntime } from "../../doors/runtime.ts";

const { args, exists } = await loadRuntime();
console.log(exists(args()[0] ?? ""));
