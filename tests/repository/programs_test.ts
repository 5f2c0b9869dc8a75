import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ROOT } from "../../scripts/deno_config.ts";
import { CONFIG_FILE, currentRegistry } from "../../scripts/registry.ts";
import { itWith } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";

const setup = readSetup();
const NEEDED = {
  missing: setup === undefined ? "it needs the package that 'deno task test' builds" : undefined,
};

/** How each program rejects a flag without its value. */
const PROGRAMS = { setup: ["setup.ts", "--name"], emulator: ["testing.ts", "--port"] } as const;

for (const [name, [file, flag]] of Object.entries(PROGRAMS)) {
  describe(`the program '${name}'`, () => {
    it(`is ${file} in Deno, with its arguments and its exit code`, async () => {
      const config = fileURLToPath(new URL(CONFIG_FILE[currentRegistry()], ROOT));
      const args = ["run", "--quiet", "-A", "-c", config, fileURLToPath(new URL(file, ROOT)), flag];
      assertEquals(await run(Deno.execPath(), args), [2, "", `✗ "${flag}" needs a value.`]);
    });

    itWith(NEEDED, "is the first argument of the npm package's program", async () => {
      const program = new URL("@clerk/cli-auth/bin/cli-auth.js", pathToFileURL(setup?.modules ?? ""));
      const args = [fileURLToPath(program), name, flag];
      assertEquals(await run(setup?.node ?? "", args), [2, "", `✗ "${flag}" needs a value.`]);
    });
  });
}

/** The exit code, standard output, and the first line of standard error. */
async function run(command: string, args: string[]): Promise<[number, string, string | undefined]> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const text = new TextDecoder();
  return [code, text.decode(stdout), text.decode(stderr).split("\n")[0]];
}
