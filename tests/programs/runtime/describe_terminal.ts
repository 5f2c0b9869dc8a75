/** Writes what the runtime says about the terminal. */
import { loadRuntime } from "../../doors/runtime.ts";

const { terminal } = await loadRuntime();
console.log(JSON.stringify({
  stdin: terminal.isInteractive("stdin"),
  stdout: terminal.isInteractive("stdout"),
  stderr: terminal.isInteractive("stderr"),
  columns: terminal.columns(),
}));
