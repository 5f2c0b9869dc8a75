/** Writes what the runtime tells of the terminal. */
import { loadRuntime } from "../../doors/runtime.ts";

const { terminal } = await loadRuntime();
console.log(JSON.stringify({
  stdin: terminal.isInteractive("stdin"),
  stdout: terminal.isInteractive("stdout"),
  stderr: terminal.isInteractive("stderr"),
  columns: terminal.columns(),
}));
