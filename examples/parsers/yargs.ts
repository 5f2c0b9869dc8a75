// The ready commands in yargs: `mount(yargs(args), authCommands(auth), args)`.
import process from "node:process";
import type { AuthCommands } from "@clerk/cli-auth/commands";
// @ts-types="npm:@types/yargs@17.0.35"
import type { Argv } from "npm:yargs@18.2.0";

export function mount(program: Argv, commands: AuthCommands, args: string[]): void {
  for (const [name, run] of Object.entries(commands)) {
    program.command(name, "", (command) => command.help(false).version(false).strict(false), async () => {
      process.exitCode = await run(args.slice(args.indexOf(name) + 1));
    });
  }
}
