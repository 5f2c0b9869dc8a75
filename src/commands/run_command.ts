import { EXIT_CODE } from "../core/errors.ts";
import type { Command, CommandContext } from "./command.ts";
import { parseCommandLine } from "./command_line.ts";
import { commandHelp, usageLine } from "./help.ts";
import { reportError } from "./problem.ts";
import { UsageError } from "./usage_error.ts";

/** Runs a command; whatever goes wrong is told, and becomes the exit code. */
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
