import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readDenoConfig } from "../../scripts/deno_config.ts";
import { codeBlocksOf, type Document, readDocuments } from "../../scripts/markdown.ts";
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

  it("give Deno no unknown flag, and no unknown value of one", async () => {
    const used = commands.flatMap((command) => denoOptions(denoArguments(command)));
    assert(used.some((args) => args.includes("--allow-ffi")));
    // Deno looks at what comes before `--help` first.
    for (const args of used) assertStringIncludes(await run(Deno.execPath(), [...args, "--help"]), "Usage");
  });

  itWith(BUN, "give Bun no unknown flag", async () => {
    const builds = commands.filter(({ program, args }) => program === "bun" && args[0] === "build");
    assert(builds.length > 0);
    const help = await run(setup?.bun ?? "", ["build", "--help"]);
    for (const { args } of builds) {
      assertEquals(flagsIn(args).filter((flag) => !help.includes(` ${flag}`)), []);
    }
  });
});

/** The commands of the shell blocks, and those that the text names. */
function commandsIn(document: Document): ShellCommand[] {
  const blocks = codeBlocksOf(document).filter(({ language }) => language === "sh").map(({ code }) => code);
  const spans = document.tokens.flatMap((token) => token.type === "codespan" ? [token.text] : []);
  return [...blocks, ...spans].flatMap(shellCommandsIn);
}

/** What comes before the program is for Deno, the rest is not. */
function denoOptions(args: string[] = []): string[][] {
  const [subcommand = ""] = args;
  if (!["run", "serve", "compile"].includes(subcommand)) return [];
  const end = args.findIndex((arg) => /^(jsr:|npm:)|\.[jt]s$/.test(arg));
  return [args.slice(0, end < 0 ? args.length : end).map((arg) => arg.replaceAll('"', ""))];
}

function flagsIn(args: string[]): string[] {
  return args.flatMap((arg) => /^--[a-z-]+/.exec(arg)?.[0] ?? []);
}
