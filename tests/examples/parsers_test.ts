import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { defineCommand, runMain } from "npm:citty@0.2.2";
import { Command } from "npm:commander@14.0.3";
// @ts-types="npm:@types/yargs@17.0.35"
import yargs from "npm:yargs@18.2.0";
import { type AuthCommands, authCommands } from "@clerk/cli-auth/commands";
import { subCommands } from "../../examples/parsers/citty.ts";
import { mount as mountInCliffy } from "../../examples/parsers/cliffy.ts";
import { mount as mountInCommander } from "../../examples/parsers/commander.ts";
import { mount as mountInYargs } from "../../examples/parsers/yargs.ts";
import { type Bench, createBench } from "../commands/support/bench.ts";
import { CliffyStandIn } from "./cliffy_stand_in.ts";

/** How a program of each parser runs one line. */
const PARSERS: Readonly<Record<string, (args: string[], commands: AuthCommands) => Promise<unknown>>> = {
  async commander(args, commands) {
    const program = new Command("notes").command("add").argument("<text>").action(() => {}).parent!;
    mountInCommander(program, commands);
    await program.parseAsync(args, { from: "user" });
  },
  async yargs(args, commands) {
    const program = yargs(args).scriptName("notes").strict().exitProcess(false).command("add <text>", "");
    mountInYargs(program, commands, args);
    await program.parseAsync();
  },
  async citty(args, commands) {
    const add = defineCommand({ args: { text: { type: "positional" } } });
    const program = defineCommand({
      meta: { name: "notes" },
      subCommands: { ...subCommands(commands), add },
    });
    await runMain(program, { rawArgs: args });
  },
  async "a parser that does as Cliffy"(args, commands) {
    const program = new CliffyStandIn().command("add", "").action(() => {});
    mountInCliffy(program, commands);
    await program.parse(args);
  },
};

for (const [parser, parse] of Object.entries(PARSERS)) {
  describe(`the ready commands in ${parser}`, () => {
    let bench: Bench;
    let seen: { name: string; args: readonly string[]; code: number }[];
    let exitCode: typeof process.exitCode;

    beforeEach(async () => {
      bench = await createBench();
      seen = [];
      exitCode = process.exitCode;
    });

    afterEach(async () => {
      process.exitCode = exitCode ?? 0;
      await bench.close();
    });

    /** Runs a line, and gives what came of it. */
    async function run(line: string): Promise<{ code: unknown; out: string }> {
      let out = "";
      const quiet = { stdout: { write: (text: string) => out += text }, stderr: { write: () => {} } };
      const ready = authCommands(bench.auth(), { name: "notes" });
      const watched = Object.fromEntries(
        Object.entries(ready).map(([name, command]) => [name, async (args: readonly string[]) => {
          const code = await command(args, quiet);
          seen.push({ name, args, code });
          return code;
        }]),
      ) as AuthCommands;
      process.exitCode = 0;
      await parse(line.split(" "), watched);
      return { code: process.exitCode, out };
    }

    it("get their flags as they were typed, and give the exit code", async () => {
      assertEquals((await run("login --profile work --scopes openid,email")).code, 0);
      assertEquals((await run("profiles use work")).code, 0);
      assertEquals((await run("whoami")).out, "ada@example.com\n");
      assertEquals(JSON.parse((await run("status --json --profile work")).out).signedIn, true);
      assertEquals((await run("logout --no-revoke --all")).code, 0);
      assertEquals((await run("whoami --json")).code, 1);
      assertEquals(seen.map(({ name, args }) => [name, ...args].join(" ")), [
        "login --profile work --scopes openid,email",
        "profiles use work",
        "whoami",
        "status --json --profile work",
        "logout --no-revoke --all",
        "whoami --json",
      ]);
    });

    it("refuse a flag that they do not know", async () => {
      assertEquals((await run("whoami --frobnicate")).code, 2);
    });
  });
}
