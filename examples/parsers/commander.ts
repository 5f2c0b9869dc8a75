// The ready-made commands in commander: `mount(program, authCommands(auth))`.
import process from "node:process";
import type { AuthCommands } from "@clerk/cli-auth/commands";
import { type Command, Option } from "npm:commander@14.0.3";

export function mount(program: Command, commands: AuthCommands): void {
  for (const [name, run] of Object.entries(commands)) {
    const options = run.flags.map(({ name, value, isOptional, summary }) =>
      new Option(`--${name}${!value ? "" : isOptional ? ` [${value}]` : ` <${value}>`}`, summary)
    );
    const actions = run.actions.map(({ name, operand }) => operand ? `${name} <${operand}>` : name);
    program.command(name).description(run.summary)
      .usage([...actions.length > 0 ? [`[${actions.join(" | ")}]`] : [], "[options]"].join(" "))
      .configureHelp({ visibleOptions: () => options })
      .allowUnknownOption().allowExcessArguments()
      .action(async (_, { args }) => void (process.exitCode = await run(args)));
  }
}
