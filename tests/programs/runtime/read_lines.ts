/**
 * Reads from standard input, one read after the other, as its arguments say, and writes what each one gave:
 *
 * - `line`, `hidden`: a line; `aborted`, `aborted-hidden`: one that is given up as soon as it is waited for
 * - `others`: by the runtime's own means, which may not miss anything
 * - `listen`: an interrupt is written from now on instead of ending the process
 */
import process from "node:process";
import { loadRuntime } from "../../doors/runtime.ts";

const { terminal, onInterrupt } = await loadRuntime();

for (const step of process.argv.slice(2)) {
  console.log(`${step}?`);
  console.log(`${step}: ${JSON.stringify(await run(step))}`);
}

function run(step: string): unknown {
  switch (step) {
    case "line":
      return terminal.readLine();
    case "hidden":
      return terminal.readLine({ hidden: true });
    case "aborted":
      return giveUp(false);
    case "aborted-hidden":
      return giveUp(true);
    case "others":
      return readAsOthers();
    case "listen":
      onInterrupt((signal) => console.log(`heard ${signal}`));
      return "listening";
    default:
      throw new Error(`Cannot run '${step}'`);
  }
}

async function giveUp(hidden: boolean): Promise<unknown> {
  const stop = new AbortController();
  const line = terminal.readLine({ hidden, signal: stop.signal });
  // The read is under way when everything has run that was ready to.
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve));
  stop.abort("given up");
  return await line.catch((reason) => reason);
}

/** Deno's own reader where there is one: of a pipe, its `process.stdin` reads on after a pause. */
async function readAsOthers(): Promise<string> {
  const { stdin } = (globalThis as Partial<DenoStdin>).Deno ?? {};
  if (stdin === undefined) return await readProcessStdin();
  const bytes = new Uint8Array(1024);
  return new TextDecoder().decode(bytes.subarray(0, await stdin.read(bytes) ?? 0));
}

interface DenoStdin {
  Deno: { stdin: { read(bytes: Uint8Array): Promise<number | null> } };
}

function readProcessStdin(): Promise<string> {
  return new Promise((resolve) => {
    process.stdin.once("data", (chunk) => {
      process.stdin.pause();
      resolve(String(chunk));
    }).resume();
  });
}
