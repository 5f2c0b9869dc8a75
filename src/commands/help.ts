import type { Command } from "./command.ts";
import { type Flag, HELP_FLAG } from "./command_line.ts";

/** The line that says how a command is called. */
export function usageLine(program: string, { name, operands, flags }: Command): string {
  const written = flags.map((flag) => `[${spelled(flag)}]`);
  return ["Usage:", program, name, ...(operands ? [operands] : []), ...written].join(" ");
}

/** The help of one command. */
export function commandHelp(program: string, command: Command): string {
  return `${command.summary}.\n\n${usageLine(program, command)}\n\n${flagTable(command.flags)}`;
}

/** What each flag does, `--help` included. */
export function flagTable(flags: readonly Flag[]): string {
  return table([...flags, HELP_FLAG].map((flag) => [spelled(flag), flag.summary]));
}

/** The help of all commands. */
export function overview(program: string, commands: readonly Command[]): string {
  const rows = commands.map(({ name, operands, summary }) =>
    [operands ? `${name} ${operands}` : name, summary] as const
  );
  return `Usage: ${program} COMMAND\n\n${table(rows)}\n\n\`${program} COMMAND --help\` says more.`;
}

function spelled({ name, value }: Flag): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

/** Two columns, indented. */
export function table(rows: readonly (readonly [left: string, right: string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join("\n");
}
