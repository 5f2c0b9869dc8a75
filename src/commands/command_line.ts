import { printable } from "../core/text.ts";
import { parseArgs } from "@std/cli/parse-args";
import type { AuthCommandAction, AuthCommandDescription, AuthCommandFlag as Flag } from "./descriptions.ts";

export interface CommandLine {
  /** Reports whether a flag without a value was given. */
  has(flag: string): boolean;
  /** Returns the value of a flag; empty if it was omitted. */
  text(flag: string): string | undefined;
  /** The arguments that are not flags. */
  operands: readonly string[];
}

/** The flag that every command has. */
const HELP_FLAG: Flag = { name: "help", summary: "Show this help" };

/**
 * Parses the arguments of a command.
 *
 * @throws {UsageError} for an unknown flag, or one whose value is missing, empty or given twice.
 */
export function parseCommandLine(args: readonly string[], flags: readonly Flag[]): CommandLine {
  const switches = [...flags, HELP_FLAG].filter(({ value }) => value === undefined).map(({ name }) => name);
  const valued = flags.filter(({ value }) => value !== undefined).map(({ name }) => name);
  const unknown: string[] = [];
  const parsed: Record<string, unknown> = parseArgs(args.map((arg) => arg === "-h" ? "--help" : arg), {
    boolean: switches,
    string: [...valued, "_"],
    collect: valued,
    unknown: (arg, key) => {
      if (key === undefined) return true;
      unknown.push(arg);
      return false;
    },
  });
  if (unknown[0] !== undefined) {
    throw new UsageError(`There is no flag "${printable(nameOnly(unknown[0]), 40)}"`);
  }
  const values = new Map(flags.map((flag) => [flag.name, single(flag, parsed[flag.name])]));
  return {
    has: (flag) => parsed[flag] === true,
    text: (flag) => values.get(flag),
    operands: parsed._ as string[],
  };
}

/** Drops the value, which may be a secret typed in the wrong place. */
function nameOnly(arg: string): string {
  return arg.split("=", 1)[0]!;
}

function single({ name, value: placeholder, isOptional }: Flag, given: unknown): string | undefined {
  if (placeholder === undefined) return undefined;
  const values = new Set(given as string[]);
  if (values.size > 1) throw new UsageError(`"--${name}" was given twice`);
  const [value] = values;
  if (value === "" && !isOptional) throw new UsageError(`"--${name}" needs a value`);
  return value;
}

/** Formats the usage line of a command. `program` is everything typed before its name. */
export function usageLine(program: string, { actions }: AuthCommandDescription): string {
  const words = actions.length > 0 ? [`[${actions.map(phrase).join(" | ")}]`] : [];
  return ["Usage:", program, ...words, "[FLAGS]"].join(" ");
}

/** Formats the help for one command. `program` is everything typed before its name. */
export function commandHelp(program: string, command: AuthCommandDescription): string {
  const actions = command.actions.map((action) => [phrase(action), action.summary] as const);
  return [
    `${command.summary}.`,
    usageLine(program, command),
    ...(actions.length > 0 ? [table(actions)] : []),
    flagTable(command.flags),
  ].join("\n\n");
}

/** Formats a table of flags, including `--help`. */
export function flagTable(flags: readonly Flag[]): string {
  return table([...flags, HELP_FLAG].map((flag) => [spelled(flag), flag.summary]));
}

/** Formats the help for all commands. */
export function overview(
  program: string,
  commands: Readonly<Record<string, AuthCommandDescription>>,
): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  return `Usage: ${program} COMMAND\n\n${table(rows)}\n\n\`${program} COMMAND --help\` says more.`;
}

function phrase({ name, operand }: AuthCommandAction): string {
  return operand === undefined ? name : `${name} ${operand}`;
}

function spelled({ name, value, isOptional }: Flag): string {
  return value === undefined ? `--${name}` : `--${name} ${isOptional ? `[${value}]` : value}`;
}

/** Formats two indented columns. */
export function table(rows: readonly (readonly [left: string, right: string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join("\n");
}

/** A command line that the command does not understand. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
