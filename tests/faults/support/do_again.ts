import type { Command, Performed } from "./perform.ts";
import type { Next } from "./rule.ts";
import type { World } from "./world.ts";

/** How a command is run. */
export type DoIt = (command: Command) => Promise<Performed>;

/**
 * Runs the same command again, now without a fault.
 *
 * @throws {Error} If that fails, or leaves a session that the issuer does not know.
 */
export async function doAgain(world: World, command: Command, doIt: DoIt): Promise<Next> {
  const { result } = await doIt(command);
  const isOver = result === "no token";
  if (!isOver) assertGood(command, result);
  if (isOver || command === "logout") assertGood("login", (await doIt("login")).result);
  if (command !== "verify" && !await world.isSignedIn()) throw new Error("The stored session is dead");
  return isOver ? "the session has ended; a login works" : "the same command works";
}

/** Returns the result of a successful command. */
const GOOD: Readonly<Record<Command, readonly string[]>> = {
  login: ["signed in"],
  complete: ["signed in"],
  token: ["a new token", "the stored token"],
  logout: ["signed out", "nobody was signed in"],
  whoami: ["the user"],
  verify: ["the identity"],
};

function assertGood(command: Command, result: string): void {
  if (!GOOD[command].includes(result)) throw new Error(`The next ${command} came to: ${result}`);
}
