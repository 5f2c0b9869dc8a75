import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readDenoConfig } from "../../scripts/deno_config.ts";
import { codeBlocksOf } from "../../scripts/markdown/code_blocks.ts";
import { type Document, readDocuments } from "../../scripts/markdown/documents.ts";
import { run } from "../../scripts/run.ts";
import { itWith, type Requirement } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { denoArguments, type ShellCommand, shellCommandsIn, taskOf } from "./shell_commands.ts";

const setup = readSetup();
const BUN: Requirement = {
  missing: setup === undefined ? "it needs the Bun that 'deno task test' installs" : undefined,
};

const commands = (await readDocuments()).flatMap(commandsIn);

describe("the commands in the documents", () => {
  it("run no task that does not exist", async () => {
    const { tasks } = await readDenoConfig() as unknown as { tasks: Record<string, string> };
    const named = commands.flatMap((command) => taskOf(command) ?? []);
    assert(named.includes("demo"));
    assertEquals(named.filter((task) => /^[\w:]+$/.test(task) && tasks[task] === undefined), []);
  });

  it("give Deno no flag that it does not know", async () => {
    const used = commands.flatMap((command) => denoFlags(denoArguments(command)));
    assert(used.some(({ flags }) => flags.includes("--allow-ffi")));
    for (const { subcommand, flags } of used) {
      const help = await run(Deno.execPath(), [subcommand, "--help=full"]) +
        await run(Deno.execPath(), [subcommand, "--help=unstable"]);
      assertEquals(flags.filter((flag) => !isNamedIn(help, flag)), [], subcommand);
    }
  });

  itWith(BUN, "give Bun no flag that it does not know", async () => {
    const builds = commands.filter(({ program, args }) => program === "bun" && args[0] === "build");
    assert(builds.length > 0);
    const help = await run(setup?.bun ?? "", ["build", "--help"]);
    for (const { args } of builds) {
      assertEquals(flagsIn(args).filter((flag) => !isNamedIn(help, flag)), []);
    }
  });
});

/** The commands of the shell blocks, and those that the text names. */
function commandsIn(document: Document): ShellCommand[] {
  const blocks = codeBlocksOf(document).filter(({ language }) => language === "sh").map(({ code }) => code);
  const spans = document.tokens.flatMap((token) => token.type === "codespan" ? [token.text] : []);
  return [...blocks, ...spans].flatMap(shellCommandsIn);
}

/** What comes before the program or the task is for Deno, the rest is not. */
function denoFlags(args: string[] | undefined): { subcommand: string; flags: string[] }[] {
  const [subcommand, ...rest] = args ?? [];
  if (!subcommand || !["run", "serve", "compile"].includes(subcommand)) return [];
  const end = rest.findIndex((arg) => /^(jsr:|npm:)|\.[jt]s$/.test(arg));
  return [{ subcommand, flags: flagsIn(end < 0 ? rest : rest.slice(0, end)) }];
}

function flagsIn(args: string[]): string[] {
  return args.flatMap((arg) => /^--[a-z-]+/.exec(arg)?.[0] ?? []);
}

function isNamedIn(help: string, flag: string): boolean {
  return new RegExp(`(?<![\\w-])${flag}(?![\\w-])`).test(help);
}
