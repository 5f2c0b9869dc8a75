import { assert, assertEquals, assertLess, assertLessOrEqual, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { build } from "npm:esbuild@0.28.1";
import { pathToFileURL } from "node:url";
import { run } from "../../scripts/run.ts";
import { canRunOn } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { listFiles } from "./npm_package/package_files.ts";

const NEEDED = canRunOn("node");
const MAX_PACKAGES = 3;
/** Of this, the keychain binding is 3.5 MB. */
const MAX_BYTES = 4_500_000;

/** The size limit for a bundle with one constant; the client is thirty times that. */
const MAX_SHAKEN_BYTES = 1_000;

/** What a program may import from the package, and how it uses that. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "EXIT_CODE": "console.log(EXIT_CODE.USAGE)",
  "isUserIdentity": 'console.log(isUserIdentity({ sub: "user_1" }))',
};

describe("an installation of the npm package", () => {
  let project: TemporaryFolder;

  beforeAll(async () => {
    if (NEEDED.missing !== undefined) return;
    project = await makeTemporaryFolder();
    await Deno.writeTextFile(`${project.path}/package.json`, "{}");
    const options = ["--no-audit", "--no-fund", "--prefer-offline"];
    await run("npm", ["install", ...options, readSetup()!.tarball], { cwd: project.path });
  });
  afterAll(() => project?.remove());

  itWith(NEEDED, `has at most ${MAX_PACKAGES} packages and ${MAX_BYTES / 1_000_000} MB`, async () => {
    const modules = pathToFileURL(`${project.path}/node_modules/`);
    const { packages } = JSON.parse(await Deno.readTextFile(new URL(".package-lock.json", modules)));
    const names = Object.keys(packages);
    assert(names.includes("node_modules/@clerk/cli-auth"));
    assertLessOrEqual(names.length, MAX_PACKAGES, names.join(", "));
    let bytes = 0;
    for (const file of await listFiles(modules, /(?:)/)) {
      bytes += (await Deno.stat(new URL(file, modules))).size;
    }
    assertLessOrEqual(bytes, MAX_BYTES);
  });

  itWith(NEEDED, "starts the setup of an OAuth application with npx", async () => {
    const options = { cwd: project.path };
    const usage = await run("npx", ["--no-install", "@clerk/cli-auth", "setup", "--help"], options);
    assertMatch(usage, /^Usage: setup/);
  });

  itWith(NEEDED, "bundles what the program uses, and not the rest", async () => {
    for (const [name, use] of Object.entries(PROGRAMS)) {
      const code = await bundle(`import { ${name} } from "@clerk/cli-auth";\n${use};\n`, project);
      assertLess(code.length, MAX_SHAKEN_BYTES, code);
      assertEquals(/\b(import|require)\(/.test(code), false, code);
    }
    const whole = await bundle('export { ClerkCliAuth } from "@clerk/cli-auth";\n', project);
    assertLess(30 * MAX_SHAKEN_BYTES, whole.length);
  });

  for (const [name, program] of [["setup", "runSetup"], ["testing", "runEmulator"]]) {
    itWith(NEEDED, `bundles /${name} without starting its program`, async () => {
      const code = await bundle(
        `import { ${program} } from "@clerk/cli-auth/${name}";\nconsole.log(typeof ${program});\n`,
        project,
      );
      const file = `${project.path}/bundle.js`;
      await Deno.writeTextFile(file, code);
      assertEquals(await run(Deno.execPath(), ["run", "-A", "--no-config", file, "--help"]), "function\n");
    });
  }
});

/** Bundles a program as its author would. */
async function bundle(source: string, { path }: TemporaryFolder): Promise<string> {
  const { outputFiles: [file] } = await build({
    stdin: { contents: source, resolveDir: path },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    external: ["@clerk/backend", "@napi-rs/keyring"],
  });
  return file?.text ?? "";
}
