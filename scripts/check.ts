/**
 * Checks everything that can be checked without running the tests: format, lint, types, import rules, documentation
 * and its examples, publishing.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { withDocumentCode } from "./check/document_code.ts";
import { findImportViolations } from "./check/import_rules.ts";
import { readModuleGraph } from "./check/module_graph.ts";
import { readDenoConfig, ROOT } from "./deno_config.ts";
import { listSources } from "./list_sources.ts";
import { readDocuments } from "./markdown/documents.ts";
import { CONFIG_FILE, currentRegistry } from "./registry.ts";

interface Step {
  title: string;
  /** Shows what is wrong, and tells whether all is well. */
  check(): Promise<boolean>;
}

const CONFIG = fileURLToPath(new URL(CONFIG_FILE[currentRegistry()], ROOT));

if (import.meta.main) Deno.exit(await checkAll());

async function checkAll(): Promise<number> {
  const failed: string[] = [];
  for (const { title, check } of await steps()) {
    console.log(`— ${title}`);
    if (!await check()) failed.push(title);
  }
  console.log(failed.length === 0 ? "All is well" : `Not well: ${failed.join(", ")}`);
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

async function checkDocumentCode(): Promise<boolean> {
  return await withDocumentCode(
    CONFIG_FILE[currentRegistry()],
    (config, files) => deno("check", "-c", config, "--quiet", ...files)(),
  );
}

async function checkImports(sources: string[]): Promise<boolean> {
  const violations = findImportViolations(await readModuleGraph(sources, CONFIG));
  violations.forEach((violation) => console.log(violation));
  return violations.length === 0;
}
