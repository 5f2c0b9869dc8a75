import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { Config, Errors, run as runOclif } from "npm:@oclif/core@4.11.14";
import { defineCommand, runMain } from "npm:citty@0.2.2";
import { Command, type CommanderError } from "npm:commander@14.0.3";
// @ts-types="npm:@types/yargs@17.0.35"
import yargs from "npm:yargs@18.2.0";
import { type AuthCommands, authCommands } from "@clerk/cli-auth/commands";
import { subCommands } from "../../examples/parsers/citty.ts";
import { mount as mountInCliffy } from "../../examples/parsers/cliffy.ts";
import { mount as mountInCommander } from "../../examples/parsers/commander.ts";
import { command as oclifCommand } from "../../examples/parsers/oclif.ts";
import { mount as mountInYargs } from "../../examples/parsers/yargs.ts";
import { type Bench, createBench } from "../commands/support/bench.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";
import { Command as CliffyStandIn } from "./cliffy_stand_in.ts";

/** How each parser's program runs one line. */
const PARSERS: Readonly<Record<string, (args: string[], commands: AuthCommands) => Promise<unknown>>> = {
  async commander(args, commands) {
    const program = new Command("notes").exitOverride();
    program.command("add").argument("<text>").action(() => {});
    mountInCommander(program, commands);
    await program.parseAsync(args, { from: "user" }).catch((error: CommanderError) => {
      if (error.exitCode !== 0) throw error;
    });
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
  async oclif(args, commands) {
    const { path: root, remove } = await makeTemporaryFolder();
    const oclif = { bin: "notes", commands: { strategy: "explicit", target: "./commands.mjs" } };
    await writeFile(join(root, "package.json"), JSON.stringify({ name: "notes", version: "1.0.0", oclif }));
    const classes = Object.entries(commands).map(([name, run]) => [name, oclifCommand(run)]);
    Object.assign(globalThis, { COMMANDS: Object.fromEntries(classes) });
    await writeFile(join(root, "commands.mjs"), "export default globalThis.COMMANDS;");
    try {
      await runOclif(args, await Config.load({ root }));
    } catch (error) {
      if (!(error instanceof Errors.ExitError && error.oclif.exit === 0)) throw error;
    } finally {
      await remove();
    }
  },
  async "a parser that does as Cliffy"(args, commands) {
    const program = new CliffyStandIn().command("add", "").action(() => {});
    mountInCliffy(program, commands);
    await program.parse(args);
  },
};

for (const [parser, parse] of Object.entries(PARSERS)) {
  describe(`the ready-made commands in ${parser}`, () => {
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

    /** Runs a line, and returns the result. */
    async function run(line: string): Promise<{ code: unknown; out: string }> {
      let out = "";
      const quiet = { stdout: { write: (text: string) => out += text }, stderr: { write: () => {} } };
      const ready = authCommands(bench.auth(), { name: "notes" });
      const watched = Object.fromEntries(
        Object.entries(ready).map(([name, command]) => {
          const watch = async (args: readonly string[]) => {
            const code = await command(args, quiet);
            seen.push({ name, args, code });
            return code;
          };
          return [name, Object.assign(watch, command)];
        }),
      ) as unknown as AuthCommands;
      process.exitCode = 0;
      const restore = divert((text) => out += text);
      await parse(line.split(" "), watched).finally(restore);
      return { code: process.exitCode, out };
    }

    it("get their flags as typed, and return the exit code", async () => {
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

    it("are in the program's help, with what they do", async () => {
      const { code, out } = await run("--help");
      assertEquals(code, 0);
      for (const [name, { summary }] of Object.entries(authCommands(bench.auth()))) {
        assertMatch(out, new RegExp(`\\b${name}\\b.* ${summary}`));
      }
    });

    it("show their flags in each command's help, with what these do", async () => {
      for (const [name, { flags }] of Object.entries(authCommands(bench.auth()))) {
        const { code, out } = await run(`${name} --help`);
        assertEquals(code, 0);
        const words = out.replaceAll(/\s+/g, " ");
        for (const flag of flags) {
          assertStringIncludes(words, `--${flag.name}`);
          assertStringIncludes(words, flag.summary);
        }
      }
    });

    it("reject an unknown flag", async () => {
      assertEquals((await run("whoami --frobnicate")).code, 2);
    });
  });
}

/** Captures the parsers' own output, and keeps them from exiting; returns how to undo that. */
function divert(write: (text: string) => void): () => void {
  const { log } = console;
  const { exit, stdout } = process;
  const written = stdout.write;
  console.log = (...texts) => write(`${texts.join(" ")}\n`);
  stdout.write = (text: string | Uint8Array) => (write(String(text)), true);
  process.exit = ((code: number) => void (process.exitCode = code)) as typeof exit;
  return () => {
    console.log = log;
    stdout.write = written;
    process.exit = exit;
  };
}
