// The ready-made commands in yargs: `mount(yargs(args), authCommands(auth), args)`.
import process from "node:process";
import type { AuthCommands } from "@clerk/cli-auth/commands";
// @ts-types="npm:@types/yargs@17.0.35"
import type { Argv, Options } from "npm:yargs@18.2.0";

export function mount(program: Argv, commands: AuthCommands, args: string[]): void {
  for (const [name, run] of Object.entries(commands)) {
    const options = Object.fromEntries(
      run.flags.map(({ name, value, summary }): [string, Options] => [
        name,
        { type: value ? "string" : "boolean", description: summary },
      ]),
    );
    const pattern = run.actions.length > 0 ? `${name} [action] [name]` : name;
    program.command(
      pattern,
      run.summary,
      (command) => command.options(options).version(false).strict(false),
      async () => void (process.exitCode = await run(args.slice(args.indexOf(name) + 1))),
    );
  }
}
