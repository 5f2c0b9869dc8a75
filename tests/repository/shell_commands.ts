/** One shell command, without what follows a pipe or a redirection. */
export interface ShellCommand {
  program: string;
  args: string[];
}

/**
 * Reads commands as people write them into documents and workflows: lines, continued by a backslash, with comments and
 * variables before the command. Quotes stay where they are.
 *
 * @param text The lines.
 * @returns The commands.
 */
export function shellCommandsIn(text: string): ShellCommand[] {
  const lines = text.replaceAll("\\\n", " ").split("\n").map((line) => line.replace(/(^|\s)#.*/, ""));
  return lines.flatMap((line) => line.split(/&&|\|\||[|;]/)).flatMap((command) => {
    const words = command.trim().split(/\s+/).filter(Boolean);
    while (/^[A-Z_]+=/.test(words[0] ?? "")) words.shift();
    const [program, ...args] = words;
    return program === undefined ? [] : [{ program, args }];
  });
}

/**
 * The arguments that a command gives to Deno.
 *
 * @param command The command.
 * @returns The arguments; `undefined` where it does not run Deno.
 */
export function denoArguments({ program, args }: ShellCommand): string[] | undefined {
  if (program === "deno") return args;
  const index = program === "npx" ? args.indexOf("deno") : -1;
  return index < 0 ? undefined : args.slice(index + 1);
}

/**
 * The task that a command runs.
 *
 * @param command The command.
 * @returns Its name; `undefined` where it runs none.
 */
export function taskOf(command: ShellCommand): string | undefined {
  const [subcommand, task] = denoArguments(command) ?? [];
  return subcommand === "task" ? task : undefined;
}
