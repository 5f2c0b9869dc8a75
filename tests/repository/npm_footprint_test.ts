import { assert, assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { build } from "npm:esbuild@0.28.1";
import { pathToFileURL } from "node:url";
import { canRunOn } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { createProject, type Project } from "../server_platforms/support/project.ts";
import { listFiles } from "./npm_package/package_files.ts";

const NEEDED = canRunOn("node");
const MAX_PACKAGES = 3;
/** Of these, 3.5 MB are the binding of the keychain. */
const MAX_BYTES = 4_500_000;

/** What a bundle of one constant may come to; the client is thirty times that. */
const MAX_SHAKEN_BYTES = 1_000;

/** What a program may take of the package, and how it uses that. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "EXIT_CODE": "console.log(EXIT_CODE.USAGE)",
  "isUserIdentity": 'console.log(isUserIdentity({ sub: "user_1" }))',
};

describe("who installs the npm package", () => {
  let project: Project;

  beforeAll(async () => {
    if (NEEDED.missing === undefined) project = await createProject({});
  });
  afterAll(async () => {
    if (NEEDED.missing === undefined) await project.remove();
  });

  itWith(NEEDED, `gets at most ${MAX_PACKAGES} packages and ${MAX_BYTES / 1_000_000} MB`, async () => {
    const modules = pathToFileURL(`${project.folder}/node_modules/`);
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

  itWith(NEEDED, "bundles what the program uses, and not the rest", async () => {
    for (const [name, use] of Object.entries(PROGRAMS)) {
      const code = await bundle(`import { ${name} } from "@clerk/cli-auth";\n${use};\n`, project);
      assertLess(code.length, MAX_SHAKEN_BYTES, code);
      assertEquals(/\b(import|require)\(/.test(code), false, code);
    }
    const whole = await bundle('export { ClerkCliAuth } from "@clerk/cli-auth";\n', project);
    assertLess(30 * MAX_SHAKEN_BYTES, whole.length);
  });
});

/** Bundles a program as its author would. */
async function bundle(source: string, { folder }: Project): Promise<string> {
  const { outputFiles: [file] } = await build({
    stdin: { contents: source, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    external: ["@clerk/backend", "@napi-rs/keyring"],
  });
  return file?.text ?? "";
}
