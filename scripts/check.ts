/**
 * Runs every check except the tests: format, lint, types, import rules, documentation and its examples, publishing.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { allImports, readDenoConfig, ROOT } from "./deno_config.ts";
import { findImportViolations, readModuleGraph } from "./import_rules.ts";
import { listSources } from "./list_sources.ts";
import { type CodeBlock, codeBlocksOf, readDocuments } from "./markdown.ts";
import { CONFIG_FILE, currentRegistry } from "./registry.ts";

interface Step {
  title: string;
  /** Reports what is wrong, and returns whether all is well. */
  check(): Promise<boolean>;
}

/** Languages of documents that are type-checked, with their file extensions. */
const LANGUAGES: Readonly<Record<string, string>> = { ts: "ts", tsx: "tsx", js: "js" };

/** What documents import that this repository does not. Only the types are used. */
const FOREIGN_IMPORTS: Readonly<Record<string, string>> = {
  "@cliffy/command": "./tests/examples/cliffy_stand_in.ts",
  "@hono/node-server": "npm:@hono/node-server@2.1.9",
  "@oclif/core": "npm:@oclif/core@4.11.14",
  "@playwright/test": "npm:@playwright/test@1.65.1",
  "bun:test": "npm:@playwright/test@1.65.1", // These three have `test` and `expect` in common.
  "citty": "npm:citty@0.2.2",
  "commander": "npm:commander@14.0.3",
  "express": "npm:@types/express@5.0.6",
  "hono": "npm:hono@4.13.19",
  "hono/client": "npm:hono@4.13.19/client",
  "ink": "npm:ink@8.0.0",
  "ky": "npm:ky@2.1.0",
  "openapi-fetch": "npm:openapi-fetch@0.17.0",
  "react": "npm:@types/react@19.3.3",
  "redis": "npm:redis@6.3.1",
  "vitest": "npm:@playwright/test@1.65.1",
  "yargs": "npm:@types/yargs@17.0.35",
  "yargs/helpers": "npm:@types/yargs@17.0.35/helpers",
};

const CONFIG = fileURLToPath(new URL(CONFIG_FILE[currentRegistry()], ROOT));

if (import.meta.main) Deno.exit(await checkAll());

async function checkAll(): Promise<number> {
  const failed: string[] = [];
  for (const { title, check } of await steps()) {
    console.log(`— ${title}`);
    if (!await check()) failed.push(title);
  }
  console.log(failed.length === 0 ? "All checks passed" : `Failed: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

async function steps(): Promise<Step[]> {
  const entries = Object.values((await readDenoConfig()).exports);
  const published = [...entries, "src"];
  const sources = await listSources();
  const config = ["-c", CONFIG];
  const documents = (await readDocuments()).map(({ path }) => path);
  return [
    { title: "format", check: deno("fmt", ...config, "--check") },
    { title: "lint", check: deno("lint", ...config) },
    // A library leaves the terminal to the program that uses it.
    {
      title: "no console in the library",
      check: deno("lint", ...config, "--rules-include=no-console", ...published),
    },
    { title: "types", check: deno("check", ...config, "--quiet", ...sources) },
    { title: "import rules", check: () => checkImports(sources) },
    { title: "documentation", check: deno("doc", "--lint", "--import-map", CONFIG, ...entries) },
    {
      title: "examples in the documentation",
      check: deno("test", ...config, "-A", "--unstable-kv", "--doc", ...published, ...documents),
    },
    { title: "code in the documents", check: checkDocumentCode },
    { title: "the npm package, with its types", check: deno("run", ...config, "-A", "scripts/build_npm.ts") },
    { title: "publishing", check: deno("publish", ...config, "--dry-run", "--allow-dirty") },
  ];
}

function deno(...args: string[]): () => Promise<boolean> {
  return async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args,
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const { success, stdout, stderr } = await child.output();
    if (!success) { for (const text of [stdout, stderr]) await Deno.stdout.write(text); }
    return success;
  };
}

async function checkImports(sources: string[]): Promise<boolean> {
  const violations = findImportViolations(await readModuleGraph(sources));
  violations.forEach((violation) => console.log(violation));
  return violations.length === 0;
}

/**
 * Type-checks every code block in the documents, including those that are not run because they need a network. Each is
 * written to a file in its document's directory, named by its first line, so that blocks can import each other.
 */
async function checkDocumentCode(): Promise<boolean> {
  const folder = new URL(".build/documents/", ROOT);
  const blocks = (await readDocuments()).flatMap(codeBlocksOf).filter(({ language }) =>
    language in LANGUAGES
  );
  const files = await Promise.all(blocks.map(async (block) => {
    const file = new URL(fileName(block), folder);
    await Deno.mkdir(new URL(".", file), { recursive: true });
    await Deno.writeTextFile(file, block.code);
    return fileURLToPath(file);
  }));
  // For the sources, Deno uses the configuration in the root directory, wherever else one is. So this one is there too.
  const config = await Deno.makeTempFile({
    dir: fileURLToPath(ROOT),
    prefix: ".documents_",
    suffix: ".json",
  });
  try {
    await Deno.writeTextFile(config, JSON.stringify(await documentConfig()));
    return await deno("check", "-c", config, "--quiet", ...files)();
  } finally {
    await Deno.remove(config);
  }
}

async function documentConfig(): Promise<Record<string, unknown>> {
  const config = await readDenoConfig(CONFIG_FILE[currentRegistry()]);
  return {
    imports: { ...allImports(config), ...FOREIGN_IMPORTS },
    // A program declares nothing for others.
    compilerOptions: {
      ...(config.compilerOptions as object),
      isolatedDeclarations: false,
      noImplicitOverride: false,
      checkJs: true,
    },
    lock: false,
    nodeModulesDir: "none",
  };
}

function fileName({ document, file, number, language }: CodeBlock): string {
  return `${document.replaceAll(/\W/g, "_")}/${file ?? `${number}.${LANGUAGES[language]}`}`;
}
