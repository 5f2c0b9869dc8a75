import { EXIT_CODE } from "../core/errors.ts";
import { printable } from "../core/printable.ts";
import { COMMANDS } from "./command_table.ts";
import { type ContextParts, createContext } from "./create_context.ts";
import { overview } from "./help.ts";

/** Shows all commands: as data where that was asked for, else because the word that was typed is none of them. */
export async function showOverview(parts: ContextParts, word: string | undefined): Promise<number> {
  const { screen, options } = await createContext(parts);
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const help = overview(options.name, commands);
  if (word === "--help" || word === "-h" || word === "help") {
    screen.data(help);
    return EXIT_CODE.SUCCESS;
  }
  screen.fail(word === undefined ? "A command is missing." : `There is no command "${printable(word, 40)}".`);
  screen.say(help);
  return EXIT_CODE.USAGE;
}
