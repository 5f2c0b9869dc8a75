import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { buildJsr } from "../../scripts/build_jsr.ts";
import { entryPoints, readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { emptyFolder, writeJson } from "../../scripts/folders.ts";
import { installPackages } from "../../scripts/install_packages.ts";
import { readDocument } from "../../scripts/markdown.ts";
import { run } from "../../scripts/run.ts";
import { canRunOn, type ProgramRuntime } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { type ModuleDoc, readDenoDoc } from "./deno_doc.ts";
import { type GuideProject, guideProjectIn } from "./guides/guide_project.ts";
import { startSurroundings, type Surroundings, useBackend, useTool } from "./guides/quick_start.ts";
import { mapToNpm } from "./jsr_npm_mapping.ts";
import { type JsrRegistry, readBuiltPackage, serveJsrRegistry } from "./jsr_registry.ts";
import { importsOf, listFiles } from "./npm_package/package_files.ts";

const PACKAGE = new URL("jsr/", ROOT);
const CONSUMER = new URL(".build/jsr_consumer/", ROOT);
const CONFIG = fileURLToPath(new URL("deno.json", CONSUMER));
const DEMO = fileURLToPath(new URL("examples/demo.ts", ROOT));

/** A project of Node and Bun that got the package from JSR, by its registry for npm. */
const NPM_CONSUMER = new URL(".build/jsr_npm_consumer/", ROOT);
const MAPPED = new URL("node_modules/@clerk/cli-auth/", NPM_CONSUMER);
const NEEDED = canRunOn("node");

describe("the JSR package", () => {
  let registry: JsrRegistry;
  let surroundings: Surroundings;

  beforeAll(async () => {
    await buildJsr();
    const { name } = await readDenoConfig();
    registry = serveJsrRegistry(new Map([[name, await readBuiltPackage(PACKAGE)]]));
    await emptyFolder(CONSUMER);
    await writeJson(new URL(CONFIG, ROOT), {
      imports: { [name]: `jsr:${name}@^0.1.0`, [`${name}/`]: `jsr:/${name}@^0.1.0/` },
      lock: false,
    });
  });
  beforeAll(async () => {
    if (NEEDED.missing !== undefined) return;
    const { dependencies } = await mapToNpm(PACKAGE, MAPPED);
    const packages = { ...dependencies, "@hono/node-server": "2.1.9", typescript: "5.9.3" };
    await installPackages(NPM_CONSUMER, packages);
    await mapToNpm(PACKAGE, MAPPED); // npm has removed what it did not install.
    surroundings = await startSurroundings();
  });
  afterAll(async () => {
    await registry.close();
    await surroundings?.close();
  });

  const deno = (args: string[], cwd: URL): Promise<string> =>
    run(Deno.execPath(), args, { cwd, env: { JSR_URL: registry.url, NO_COLOR: "1" } });

  it("publishes, without slow types", async () => {
    await deno(["publish", "--dry-run", "--allow-dirty"], PACKAGE);
  });

  it("documents every entry point as the sources do", async () => {
    const entries = Object.values((await readDenoConfig()).exports);
    const declarations = entries.map((entry) => entry.replace(/\.ts$/, ".d.ts"));
    await deno(["doc", "--lint", ...declarations], PACKAGE);
  });

  it("says of every entry point and of what it exports what the sources say", async () => {
    for (const source of Object.values((await readDenoConfig()).exports)) {
      const built = `jsr/${source.replace(/^\.\/(.*)\.ts$/, "$1.js")}`;
      assertEquals(texts(await readDenoDoc(built)), texts(await readDenoDoc(source)), source);
    }
  });

  it("is what another program type-checks and signs in with", async () => {
    await deno(["check", "-c", CONFIG, DEMO], CONSUMER);
    assertStringIncludes(
      await deno(["run", "-A", "-c", CONFIG, DEMO, "--auto"], CONSUMER),
      "That was the whole",
    );
  });

  it("makes Deno read six files for the client when a program starts", async () => {
    const { modules } = JSON.parse(await deno(["info", "--json", "mod.js"], PACKAGE));
    const files = (modules as { specifier: string }[]).map(({ specifier }) => specifier)
      .filter((specifier) => specifier.endsWith(".js"))
      .map((specifier) => specifier.slice(PACKAGE.href.length)).sort();
    assertEquals(files, [
      "chunks/client.js",
      "chunks/deno.js",
      "chunks/later.js",
      "chunks/node.js",
      "chunks/session.js",
      "mod.js",
    ]);
  });

  it("makes Deno download what docs/dependencies.md says", async () => {
    const { tokens } = await readDocument("docs/dependencies.md");
    const [, table] = tokens.filter((token) => token.type === "table");
    const documented = table?.rows.map((
      [entry, , npm],
    ) => [entry?.text, /`(.+?)`/.exec(npm?.text ?? "")?.[1]]);
    const config = await readDenoConfig();
    const downloaded = entryPoints(config).map(async ({ subpath, name }) => {
      const { modules } = JSON.parse(await deno(["info", "--json", `${name}.js`], PACKAGE));
      const packages = (modules as { npmPackage?: string }[]).flatMap(({ npmPackage }) => npmPackage ?? []);
      return [`\`${config.name}${subpath.slice(".".length)}\``, packages[0]?.replace(/@[^@]*$/, "")];
    });
    assertEquals(
      Object.fromEntries(await Promise.all(downloaded)),
      Object.fromEntries(documented ?? []),
    );
  });

  it("runs the adapter of no other runtime", async () => {
    for (const file of await listFiles(PACKAGE, /\.js$/)) {
      const { static: specifiers } = await importsOf(new URL(file, PACKAGE));
      assertEquals(specifiers.filter((specifier) => /\/(deno|node)\.js$/.test(specifier)), [], file);
    }
  });

  it("holds no path of the machine that built it", async () => {
    const { files } = await readBuiltPackage(PACKAGE);
    const decoder = new TextDecoder();
    for (const [path, bytes] of files) {
      assert(!decoder.decode(bytes).includes(fileURLToPath(ROOT)), path);
    }
  });

  /** In Deno it comes from JSR, in Node and Bun from what JSR makes of it for npm. */
  function projectOn(runtime: ProgramRuntime): Omit<GuideProject, "remove"> {
    if (runtime !== "deno") {
      return guideProjectIn(fileURLToPath(NPM_CONSUMER), [readSetup()?.[runtime] ?? ""]);
    }
    const command = [Deno.execPath(), "run", "--quiet", "--no-lock", "-c", CONFIG, "-A"] as const;
    return { ...guideProjectIn(fileURLToPath(CONSUMER), [...command]), env: { JSR_URL: registry.url } };
  }

  for (const runtime of ["deno", "node", "bun"] as const) {
    itWith(NEEDED, `signs in with cli.js of README.md on ${runtime}`, async () => {
      const { placeholders } = surroundings;
      await useTool(projectOn(runtime), { document: "README.md", file: "cli.js", placeholders });
    });

    itWith(NEEDED, `serves identities with the backend of README.md on ${runtime}`, async () => {
      await useBackend(projectOn(runtime), { runtime, ...surroundings });
    });

    itWith(NEEDED, `loads on ${runtime}, also those of its files that are for another runtime`, async () => {
      const files = (await listFiles(MAPPED, /\.js$/)).map((file) => new URL(file, MAPPED).href);
      const program = new URL("load.mjs", NPM_CONSUMER);
      await Deno.writeTextFile(program, `for (const file of ${JSON.stringify(files)}) await import(file);`);
      const [command = "", ...args] = runtime === "deno"
        ? [Deno.execPath(), "run", "-A", "--no-lock", "--no-config"]
        : [readSetup()?.[runtime]];
      await run(command, [...args, fileURLToPath(program)], { cwd: NPM_CONSUMER });
    });
  }

  itWith(NEEDED, "has types that hold in Node", async () => {
    const types = new URL("npm_package/consumer/types.mts", import.meta.url);
    await Deno.copyFile(types, new URL("types.mts", NPM_CONSUMER));
    await run("node", [
      ...["node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "false"],
      ...["--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--module", "nodenext", "types.mts"],
    ], { cwd: NPM_CONSUMER });
  });
});

/** The doc comments of a module: its own, and that of each export. JSR counts them. */
function texts({ moduleDoc, symbols }: ModuleDoc): Record<string, unknown> {
  const exported = symbols.map(({ name, declarations }) => [name, declarations.map(({ jsDoc }) => jsDoc)]);
  return { "": moduleDoc, ...Object.fromEntries(exported) };
}
