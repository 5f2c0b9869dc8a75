import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { buildNpm } from "../../scripts/build_npm.ts";
import { chooseCompiler, compilePackage, type Compiler } from "../../scripts/compile/compile_package.ts";
import { dntOptions } from "../../scripts/compile/compile_with_dnt.ts";
import { compileWithTypeScript } from "../../scripts/compile/compile_with_typescript.ts";
import { entryPoints, readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { emptyFolder } from "../../scripts/folders.ts";
import { currentRegistry } from "../../scripts/registry.ts";
import { itAtLength } from "../harness/requirement.ts";
import { listFiles } from "./npm_package/package_files.ts";

describe("the compiler of the package", () => {
  it("is dnt with the public JSR registry, and TypeScript with a mirror or without JSR", () => {
    assertEquals(chooseCompiler("jsr"), "dnt");
    assertEquals(chooseCompiler("jsr", "https://jsr.io"), "dnt");
    assertEquals(chooseCompiler("jsr", "https://jsr.example.com/"), "typescript");
    assertEquals(chooseCompiler("npm"), "typescript");
  });

  it("gets its entry points from deno.json, with dnt too", async () => {
    const config = await readDenoConfig();
    const entries = entryPoints(config);
    assertEquals(Object.fromEntries(entries.map(({ subpath, source }) => [subpath, source])), config.exports);
    const told = dntOptions(entries, { config, work: ROOT, checksTypes: true }).entryPoints;
    assertEquals(
      told,
      entries.map(({ subpath, source }) => ({ name: subpath, path: fileURLToPath(new URL(source, ROOT)) })),
    );
  });

  // Registered where both can run, so that nothing is skipped elsewhere.
  if (chooseCompiler(currentRegistry(), Deno.env.get("JSR_URL")) === "dnt") {
    it("produces the same files, exports and declarations with dnt and with TypeScript", async () => {
      const [dnt, typescript] = [await contentsOf("dnt"), await contentsOf("typescript")];
      assertEquals(dnt, typescript);
    });
  }

  itAtLength(
    { missing: undefined },
    "emits the same with TypeScript, whether it checks types or not",
    async () => {
      assertEquals(await emitted({ checksTypes: true }), await emitted({ checksTypes: false }));
    },
  );
});

/** What TypeScript makes of the sources. */
async function emitted({ checksTypes }: { checksTypes: boolean }): Promise<Record<string, string>> {
  const work = new URL(`.build/compared/${checksTypes ? "checked" : "unchecked"}/`, ROOT);
  await emptyFolder(work);
  await compileWithTypeScript(entryPoints(await readDenoConfig()), { work, checksTypes });
  const modules = new URL("esm/", work);
  const files = (await listFiles(modules, /(?:)/)).map(async (file): Promise<[string, string]> => [
    file,
    await Deno.readTextFile(new URL(file, modules)),
  ]);
  return Object.fromEntries(await Promise.all(files));
}

/** What a program sees of the npm package: the texts of its manifest and its types, and what its entry points export. */
async function contentsOf(compiler: Compiler): Promise<Record<string, unknown>> {
  const folder = new URL(`.build/compared/${compiler}/`, ROOT);
  const compiled = await compilePackage({ compiler, checksTypes: false });
  await buildNpm(compiled, folder);
  const entries = compiled.entries.map(({ name }) => `esm/${name}.js`);
  const contents = (await listFiles(folder, /(?:)/)).map(async (file): Promise<[string, unknown]> => {
    const url = new URL(file, folder);
    if (entries.includes(file)) return [file, Object.keys(await import(url.href)).sort()];
    return [file, /\.(d\.ts|json)$/.test(file) ? await Deno.readTextFile(url) : ""];
  });
  return Object.fromEntries(await Promise.all(contents));
}
