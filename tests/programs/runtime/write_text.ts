/** Writes a text of the length in its argument to standard error, and reports that on standard output. */
import process from "node:process";
import { loadRuntime } from "../../doors/runtime.ts";

const { terminal } = await loadRuntime();
terminal.columns(); // As whoever writes lines does; in Node a pipe that is full is no longer waited for then.
terminal.write("x".repeat(Number(process.argv[2])));
console.log("written");
