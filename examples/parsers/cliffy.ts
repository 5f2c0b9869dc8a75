// The ready-made commands in Cliffy: `mount(program, authCommands(auth))`, where `program` is a `Command` of `jsr:@cliffy/command`.
import process from "node:process";
import type { AuthCommands } from "@clerk/cli-auth/commands";

/** The part of Cliffy's `Command` in use. */
interface Command {
  command(name: string, description: string): Command;
  useRawArgs(): Command;
  action(run: (options: unknown, ...args: string[]) => Promise<void>): Command;
}

export function mount(program: Command, commands: AuthCommands): void {
  for (const [name, run] of Object.entries(commands)) {
    program.command(name, run.summary).useRawArgs()
      .action(async (_, ...args) => void (process.exitCode = await run(args)));
  }
}
