import { EXIT_CODE } from "../core/errors.ts";
import { printable } from "../core/text.ts";
import { type Command, type CommandContext, commandContext, type ContextParts } from "./command.ts";
import { commandHelp, overview, parseCommandLine, UsageError, usageLine } from "./command_line.ts";
import { type AuthCommandName, describeCommand, DESCRIPTIONS } from "./descriptions.ts";
import { type ErrorReport, type ProblemReport, reportError } from "./problem.ts";

/** Runs a command. Errors are reported and become the exit code. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { screen, options } = context;
  const { flags, actions } = DESCRIPTIONS[command.name];
  const program = `${options.name} ${command.name}`;
  try {
    const line = parseCommandLine(args, flags);
    if (line.has("help")) {
      screen.data(commandHelp(program, describeCommand(command.name, options)));
      return EXIT_CODE.SUCCESS;
    }
    if (actions.length === 0 && line.operands.length > 0) {
      throw new UsageError(`"${command.name}" takes flags only`);
    }
    return await command.run(context, line);
  } catch (error) {
    const isJson = args.includes("--json");
    if (!(error instanceof UsageError)) return reportError(context, error, { isJson });
    const { message } = error;
    screen.fail(`${message}.`);
    screen.say(`${usageLine(program, DESCRIPTIONS[command.name])}\n\`${program} --help\` says more.`);
    const action = `Run \`${program} --help\``;
    const problem: ProblemReport = { code: "config", message, action, retryable: false };
    if (isJson) screen.jsonLine({ error: problem } satisfies ErrorReport);
    return EXIT_CODE.USAGE;
  }
}

/** Shows all commands: on standard output if requested, otherwise as an error about the word. */
export async function showOverview(
  parts: ContextParts,
  word: string | undefined,
): Promise<number> {
  const { screen, options } = await commandContext(parts);
  const names = Object.keys(DESCRIPTIONS) as AuthCommandName[];
  const help = overview(
    options.name,
    Object.fromEntries(names.map((name) => [name, describeCommand(name, options)])),
  );
  if (word === "--help" || word === "-h" || word === "help") {
    screen.data(help);
    return EXIT_CODE.SUCCESS;
  }
  screen.fail(word === undefined ? "A command is missing." : `There is no command "${printable(word, 40)}".`);
  screen.say(help);
  return EXIT_CODE.USAGE;
}
