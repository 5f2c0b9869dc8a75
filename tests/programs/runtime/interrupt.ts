/**
 * Waits for a signal, in the way that its argument says:
 *
 * - `listen`: every signal is written; the third one finds nobody listening
 * - `defer`: signals are held back until a line comes on standard input
 * - `defer-listen`: the same, under a listener of ours
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
    if (++heard === 2) stop();
  });
}
if (way.startsWith("defer")) {
  const letThrough = deferInterrupts();
  console.log("ready");
  await terminal.readLine();
  letThrough();
  // The signal ends the process a moment later, if it does.
  setTimeout(() => {
    console.log("went on");
    clearInterval(alive);
  }, 200);
} else {
  console.log("ready");
}
