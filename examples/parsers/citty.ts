// The ready commands in citty: `defineCommand({ subCommands: { ...subCommands(authCommands(auth)), add } })`.
import process from "node:process";
import type { AuthCommands } from "@clerk/cli-auth/commands";
import { defineCommand, type SubCommandsDef } from "npm:citty@0.2.2";

export function subCommands(commands: AuthCommands): SubCommandsDef {
  return Object.fromEntries(
    Object.entries(commands).map(([name, run]) => {
      const runHere = async (rawArgs: string[]) => void (process.exitCode = await run(rawArgs));
      return [name, defineCommand({ meta: { name }, run: ({ rawArgs }) => runHere(rawArgs) })];
    }),
  );
}
