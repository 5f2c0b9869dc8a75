/**
 * Launches the program in its arguments. With `--stay` first, it keeps running until it is interrupted; with `--wait`,
 * until the program has ended. With `--run`, it runs the program.
 */
import process from "node:process";
import { loadRuntime } from "../../doors/runtime.ts";

const [first = ""] = process.argv.slice(2);
const way = first.startsWith("--") ? first : undefined;
const [command = "", ...args] = process.argv.slice(way ? 3 : 2);
const { programs } = await loadRuntime();
try {
  if (way === "--run") await programs.run(command, args);
  else await launch();
} catch (error) {
  console.log((error as { code?: string }).code);
}

async function launch(): Promise<void> {
  const { exited } = await programs.launch(command, args);
  console.log("launched");
  if (way) setInterval(() => {}, 1_000);
  if (way === "--wait") process.exit(await exited);
}
