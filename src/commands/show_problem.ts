import { printable } from "../core/printable.ts";
import type { Screen } from "./screen.ts";

/** Tells what is wrong, then what to do about it. A message may quote what stands in a file of the working folder. */
export function showProblem(screen: Screen, { message, action }: { message: string; action: string }): void {
  screen.fail(`${printable(message, 1000)}.`);
  if (action) screen.say(`${action}.`);
}
