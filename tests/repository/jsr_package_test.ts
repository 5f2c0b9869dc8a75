import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { entryPoints, readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { emptyFolder, writeJson } from "../../scripts/folders.ts";
import { readDocument } from "../../scripts/markdown.ts";
import { run } from "../../scripts/run.ts";
import { JSR_PACKAGE as PACKAGE } from "../../scripts/test/environment.ts";
import { canRunOn, type ProgramRuntime } from "../harness/program.ts";
import { itAtLength, itWith } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { createProject, type Project } from "../server_platforms/support/project.ts";
import { type ModuleDoc, readDenoDoc } from "./deno_doc.ts";
import { type GuideProject, guideProjectIn } from "./guides/guide_project.ts";
import { startSurroundings, type Surroundings, useBackend, useTool } from "./guides/quick_start.ts";
import { mapToNpm } from "./jsr_npm_mapping.ts";
import { type JsrRegistry, readBuiltPackage, serveJsrRegistry } from "./jsr_registry.ts";
import { importsOf, listFiles } from "./npm_package/package_files.ts";
import { typeErrors } from "./npm_package/type_errors.ts";

const CONSUMER = new URL(".build/jsr_consumer/", ROOT);
const CONFIG = fileURLToPath(new URL("deno.json", CONSUMER));
const DEMO = fileURLToPath(new URL("examples/demo.ts", ROOT));

/** The package as JSR's npm registry serves it. */
const MAPPED = new URL(".build/jsr_mapped_to_npm/", ROOT);
const NEEDED = canRunOn("node");

describe("the JSR package", () => {
  let registry: JsrRegistry;
  let surroundings: Surroundings;
  /** A project for Node and Bun with the package from JSR's npm registry. */
  let project: Project;

  beforeAll(async () => {
    if (NEEDED.missing !== undefined) return;
    const { name } = await readDenoConfig();
    registry = serveJsrRegistry(new Map([[name, await readBuiltPackage(PACKAGE)]]));
    await emptyFolder(CONSUMER);
    await writeJson(new URL(CONFIG, ROOT), {
      imports: { [name]: `jsr:${name}@^0.1.0`, [`${name}/`]: `jsr:/${name}@^0.1.0/` },
      lock: false,
    });
    const { dependencies } = await mapToNpm(PACKAGE, MAPPED);
    project = await createProject({
      from: fileURLToPath(MAPPED),
      packages: [...Object.keys(dependencies), "@hono/node-server"],
    });
    surroundings = await startSurroundings();
  });
  afterAll(async () => {
    if (NEEDED.missing !== undefined) return;
    await Promise.all([registry.close(), surroundings.close(), project.remove()]);
  });

  const deno = (args: string[], cwd: URL): Promise<string> =>
    run(Deno.execPath(), args, { cwd, env: { JSR_URL: registry.url, NO_COLOR: "1" } });

  itWith(NEEDED, "publishes, without slow types", async () => {
    await deno(["publish", "--dry-run", "--allow-dirty", "--no-check"], PACKAGE);
  });

  itWith(NEEDED, "documents every entry point like the sources", async () => {
    const entries = Object.values((await readDenoConfig()).exports);
    const declarations = entries.map((entry) => entry.replace(/\.ts$/, ".d.ts"));
    await deno(["doc", "--lint", ...declarations], PACKAGE);
  });

  itWith(NEEDED, "has the sources' documentation of every entry point and export", async () => {
    for (const source of Object.values((await readDenoConfig()).exports)) {
      const built = `.build/test/jsr/${source.replace(/^\.\/(.*)\.ts$/, "$1.js")}`;
      assertEquals(texts(await readDenoDoc(built)), texts(await readDenoDoc(source)), source);
    }
  });

  itAtLength(NEEDED, "lets another program sign in", async () => {
    assertStringIncludes(
      await deno(["run", "-A", "-c", CONFIG, DEMO, "--auto"], CONSUMER),
      "That was everything",
    );
  });

  itWith(NEEDED, "makes Deno read six files for the client when a program starts", async () => {
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

  itWith(NEEDED, "makes Deno download what docs/dependencies.md says", async () => {
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

  itWith(NEEDED, "runs the adapter of no other runtime", async () => {
    for (const file of await listFiles(PACKAGE, /\.js$/)) {
      const { static: specifiers } = await importsOf(new URL(file, PACKAGE));
      assertEquals(specifiers.filter((specifier) => /\/(deno|node)\.js$/.test(specifier)), [], file);
    }
  });

  itWith(NEEDED, "contains no path of the machine that built it", async () => {
    const { files } = await readBuiltPackage(PACKAGE);
    const decoder = new TextDecoder();
    for (const [path, bytes] of files) {
      assert(!decoder.decode(bytes).includes(fileURLToPath(ROOT)), path);
    }
  });

  /** In Deno it comes from JSR, in Node and Bun from JSR's npm registry. */
  function projectOn(runtime: ProgramRuntime): Omit<GuideProject, "remove"> {
    if (runtime !== "deno") {
      return guideProjectIn(project.folder, [readSetup()?.[runtime] ?? ""]);
    }
    const command = [Deno.execPath(), "run", "--quiet", "--no-lock", "-c", CONFIG, "-A"] as const;
    return { ...guideProjectIn(fileURLToPath(CONSUMER), [...command]), env: { JSR_URL: registry.url } };
  }

  for (const runtime of ["deno", "node", "bun"] as const) {
    // What JSR makes of it for npm is the same in both, which load all of it below.
    const itSignsIn = runtime === "node" ? itAtLength : itWith;
    const itServes = runtime === "bun" ? itAtLength : itWith;

    itSignsIn(NEEDED, `signs in with cli.js of README.md on ${runtime}`, async () => {
      const { placeholders } = surroundings;
      await useTool(projectOn(runtime), { document: "README.md", file: "cli.js", placeholders });
    });

    itServes(NEEDED, `serves identities with the backend of README.md on ${runtime}`, async () => {
      await useBackend(projectOn(runtime), { runtime, ...surroundings });
    });

    itWith(NEEDED, `loads on ${runtime}, including its files for other runtimes`, async () => {
      const files = (await listFiles(MAPPED, /\.js$/)).map((file) =>
        `./node_modules/@clerk/cli-auth/${file}`
      );
      const program = `${project.folder}/load.mjs`;
      await Deno.writeTextFile(program, `for (const file of ${JSON.stringify(files)}) await import(file);`);
      const [command = "", ...args] = runtime === "deno"
        ? [Deno.execPath(), "run", "-A", "--no-lock", "--no-config"]
        : [readSetup()?.[runtime]];
      await run(command, [...args, program], { cwd: project.folder });
    });
  }

  // They are those of the npm package, which npm_package_test.ts looks at.
  itAtLength(NEEDED, "has types that work in Node", async () => {
    const types = new URL("npm_package/consumer/types.mts", import.meta.url);
    await Deno.copyFile(types, `${project.folder}/types.mts`);
    assertEquals(typeErrors(project.folder, { files: ["types.mts"], resolution: "nodenext" }), []);
  });
});

/** The doc comments of a module: its own, and that of each export. JSR counts them. */
function texts({ moduleDoc, symbols }: ModuleDoc): Record<string, unknown> {
  const exported = symbols.map(({ name, declarations }) => [name, declarations.map(({ jsDoc }) => jsDoc)]);
  return { "": moduleDoc, ...Object.fromEntries(exported) };
}
