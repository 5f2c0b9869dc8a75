import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { buildJsr } from "../../scripts/build_jsr.ts";
import { readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { emptyFolder, writeJson } from "../../scripts/folders.ts";
import { run } from "../../scripts/run.ts";
import { type ModuleDoc, readDenoDoc } from "./deno_doc.ts";
import { type JsrRegistry, readBuiltPackage, serveJsrRegistry } from "./jsr_registry.ts";

const PACKAGE = new URL("jsr/", ROOT);
const CONSUMER = new URL(".build/jsr_consumer/", ROOT);
const CONFIG = fileURLToPath(new URL("deno.json", CONSUMER));
const DEMO = fileURLToPath(new URL("examples/demo.ts", ROOT));

describe("the JSR package", () => {
  let registry: JsrRegistry;

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
  afterAll(() => registry.close());

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

  it("makes Deno read four files for the client when a program starts, and those of the other runtimes", async () => {
    const { modules } = JSON.parse(await deno(["info", "--json", "mod.js"], PACKAGE));
    const files = (modules as { specifier: string }[]).map(({ specifier }) => specifier)
      .filter((specifier) => specifier.endsWith(".js"))
      .map((specifier) => specifier.slice(PACKAGE.href.length)).sort();
    assertEquals(files, [
      "chunks/client.js",
      "chunks/later.js",
      "chunks/node.js",
      "chunks/session.js",
      "mod.js",
    ]);
  });

  it("holds no path of the machine that built it", async () => {
    const { files } = await readBuiltPackage(PACKAGE);
    const decoder = new TextDecoder();
    for (const [path, bytes] of files) {
      assert(!decoder.decode(bytes).includes(fileURLToPath(ROOT)), path);
    }
  });
});

/** The doc comments of a module: its own, and that of each export. JSR counts them. */
function texts({ moduleDoc, symbols }: ModuleDoc): Record<string, unknown> {
  const exported = symbols.map(({ name, declarations }) => [name, declarations.map(({ jsDoc }) => jsDoc)]);
  return { "": moduleDoc, ...Object.fromEntries(exported) };
}
