/** Launches the program in its arguments; after `--stay` as the first it stays until it is interrupted. */
import process from "node:process";
import { loadRuntime } from "../../../src/runtime/load.ts";

const isStaying = process.argv[2] === "--stay";
const [command = "", ...args] = process.argv.slice(isStaying ? 3 : 2);
const { programs } = await loadRuntime();
try {
  await programs.launch(command, args);
  console.log("launched");
  if (isStaying) setInterval(() => {}, 1_000);
} catch (error) {
  console.log((error as { code?: string }).code);
}
