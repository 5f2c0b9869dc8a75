// The ready-made commands in citty: `defineCommand({ subCommands: { ...subCommands(authCommands(auth)), add } })`.
import process from "node:process";
import type { AuthCommands } from "@clerk/cli-auth/commands";
import { type ArgsDef, defineCommand, type SubCommandsDef } from "npm:citty@0.2.2";

export function subCommands(commands: AuthCommands): SubCommandsDef {
  return Object.fromEntries(
    Object.entries(commands).map(([name, run]) => {
      const args: ArgsDef = Object.fromEntries(
        run.flags.map(({ name, value, summary }) => [
          name,
          value
            ? { type: "string", valueHint: value, description: summary }
            : { type: "boolean", description: summary },
        ]),
      );
      const actions = run.actions.map(({ name }) => name).join(", ");
      if (actions) args.action = { type: "positional", required: false, description: actions };
      const meta = { name, description: run.summary };
      const runHere = async (rawArgs: string[]) => void (process.exitCode = await run(rawArgs));
      return [name, defineCommand({ meta, args, run: ({ rawArgs }) => runHere(rawArgs) })];
    }),
  );
}
