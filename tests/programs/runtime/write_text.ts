/** Writes a text of as many characters as its argument says to standard error, and says on standard output that it did. */
import process from "node:process";
import { loadRuntime } from "../../doors/runtime.ts";

const { terminal } = await loadRuntime();
terminal.columns(); // As whoever writes lines does; in Node a pipe that is full is no longer waited for then.
terminal.write("x".repeat(Number(process.argv[2])));
console.log("written");
