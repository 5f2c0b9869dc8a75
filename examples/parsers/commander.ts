// The ready commands in commander: `mount(program, authCommands(auth))`.
import process from "node:process";
import type { AuthCommands } from "@clerk/cli-auth/commands";
import type { Command } from "npm:commander@14.0.3";

export function mount(program: Command, commands: AuthCommands): void {
  for (const [name, run] of Object.entries(commands)) {
    program.command(name).helpOption(false).allowUnknownOption().allowExcessArguments()
      .action(async (_, { args }) => void (process.exitCode = await run(args)));
  }
}
