/**
 * Waits for a signal, in the way that its argument says:
 *
 * - `listen`: every signal is written; at the second one it stops listening
 * - `defer`: signals are held back until an empty line comes on standard input; it goes on after another one
 * - `defer-listen`: the same, under a listener of ours
 *
 * Other lines are written again: a signal that came before one has been noticed then.
 */
import process from "node:process";
import { loadRuntime } from "../../doors/runtime.ts";

const { onInterrupt, deferInterrupts, terminal } = await loadRuntime();
const way = process.argv[2] ?? "";
const alive = setInterval(() => {}, 1_000);
let heard = 0;

if (way.endsWith("listen")) {
  const stop = onInterrupt((signal) => {
    console.log(`heard ${signal}`);
    if (++heard < 2) return;
    stop();
    console.log("stopped");
  });
}
if (way.startsWith("defer")) {
  const letThrough = deferInterrupts();
  console.log("ready");
  await emptyLine();
  letThrough();
  // A signal that was held back ends the process meanwhile.
  await emptyLine();
  console.log("went on");
  clearInterval(alive);
} else {
  console.log("ready");
}

async function emptyLine(): Promise<void> {
  for (let line = await terminal.readLine(); line; line = await terminal.readLine()) console.log(line);
}
