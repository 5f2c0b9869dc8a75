import { EXIT_CODE } from "../core/errors.ts";
import { printable } from "../core/text.ts";
import { type Command, type CommandContext, commandContext, type ContextParts } from "./command.ts";
import { commandHelp, overview, parseCommandLine, UsageError, usageLine } from "./command_line.ts";
import { reportError } from "./problem.ts";

/** Runs a command. Whatever goes wrong is reported and becomes the exit code. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { screen, options } = context;
  try {
    const line = parseCommandLine(args, command.flags);
    if (line.has("help")) {
      screen.data(commandHelp(options.name, command));
      return EXIT_CODE.SUCCESS;
    }
    if (!command.operands && line.operands.length > 0) {
      throw new UsageError(`"${command.name}" takes flags only`);
    }
    return await command.run(context, line);
  } catch (error) {
    if (!(error instanceof UsageError)) {
      return reportError(context, error, { isJson: args.includes("--json") });
    }
    screen.fail(`${error.message}.`);
    screen.say(usageLine(options.name, command));
    return EXIT_CODE.USAGE;
  }
}

/** Shows all commands: as data if that was asked for, else because the word that was typed is not a command. */
export async function showOverview(
  parts: ContextParts,
  commands: readonly Command[],
  word: string | undefined,
): Promise<number> {
  const { screen, options } = await commandContext(parts);
  const help = overview(options.name, commands);
  if (word === "--help" || word === "-h" || word === "help") {
    screen.data(help);
    return EXIT_CODE.SUCCESS;
  }
  screen.fail(word === undefined ? "A command is missing." : `There is no command "${printable(word, 40)}".`);
  screen.say(help);
  return EXIT_CODE.USAGE;
}
