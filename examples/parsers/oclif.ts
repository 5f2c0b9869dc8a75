// The ready-made commands in oclif: in `src/commands/login.ts`, `export default command(authCommands(auth).login)`.
import process from "node:process";
import type { AuthCommand } from "@clerk/cli-auth/commands";
import { Command, Flags } from "npm:@oclif/core@4.11.14";

export function command(run: AuthCommand): Command.Class {
  return class extends Command {
    static override summary = run.summary;
    static override strict = false;
    static override flags: Command.Class["flags"] = Object.fromEntries(
      run.flags.map(({ name, value, summary }) => [
        name,
        value ? Flags.string({ helpValue: `<${value}>`, summary }) : Flags.boolean({ summary }),
      ]),
    );

    async run(): Promise<void> {
      process.exitCode = await run(this.argv);
    }
  };
}
