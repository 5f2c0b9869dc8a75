/**
 * Runs test files inside workerd. Those that need Node modules at startup cannot run there.
 *
 *     run_in_workerd REPORT FLAG FILE…
 *
 * @module
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "npm:miniflare@4.20260730.0";
import { type OutputChunk, type Plugin, rolldown } from "npm:rolldown@1.2.19";
import { readDenoConfig, ROOT } from "../deno_config.ts";
import { CONFIG_FILE } from "../registry.ts";
import { denoSpecifiers } from "./deno_specifiers.ts";
import { WORKSPACE } from "./environment.ts";
import type { TestEvent } from "./run_files.ts";

const COMPATIBILITY_DATE = "2026-07-01";
const ENTRY = "worker";
const COLLECTOR = fileURLToPath(new URL("collected_bdd.ts", import.meta.url));

const [report = "", flag = "", ...files] = Deno.args;
const write = (event: TestEvent) =>
  Deno.writeTextFileSync(report, JSON.stringify(event) + "\n", { append: true });

const chunks = await bundleWorker(files);
const closures = new Map(files.map((file) => [file, closureOf(chunkOf(file))]));
const fit = files.filter((file) => !closures.get(file)?.some((name) => name.startsWith("node:")));
files.filter((file) => !fit.includes(file)).forEach((unfit) => write({ unfit }));

const miniflare = new Miniflare({
  // Listed modules are used as they are. The script's lazy imports are not searched for beforehand.
  modules: chunks.map(({ fileName, code }) => ({ type: "ESModule", path: fileName, contents: code })),
  compatibilityDate: COMPATIBILITY_DATE,
  compatibilityFlags: flag === "" ? [] : [flag],
});
try {
  for (const file of fit) {
    const began = performance.now();
    write({ file });
    const response = await miniflare.dispatchFetch(`http://localhost/${file}`);
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    for (const result of JSON.parse(text)) write({ result });
    write({ durationMs: performance.now() - began });
  }
  write({ done: true });
} finally {
  await miniflare.dispose();
}

/** Bundles tests into one worker. It runs the file that a request names, and responds with the results. */
async function bundleWorker(sources: string[]): Promise<OutputChunk[]> {
  const { imports } = await readDenoConfig(CONFIG_FILE.npm);
  const loaders = sources.map((file) => {
    const path = resolve(fileURLToPath(ROOT), file);
    return `${JSON.stringify(`/${file}`)}: () => import(${JSON.stringify(path)})`;
  });
  const entry = `
    import { runFile } from ${JSON.stringify(COLLECTOR)};
    const files = { ${loaders.join(",\n")} };
    export default {
      async fetch({ url }) {
        const results = [];
        const reporter = { started() {}, ended: (result) => results.push(result) };
        await runFile(files[new URL(url).pathname], reporter);
        return Response.json(results);
      },
    };
  `;
  const build = await rolldown({
    input: ENTRY,
    external: /^node:/,
    platform: "browser",
    checks: { pluginTimings: false },
    resolve: { conditionNames: ["workerd", "worker", "browser", "import", "default"] },
    plugins: [
      virtualModule(ENTRY, entry),
      // A native module that only the client half asks for.
      virtualModule("@napi-rs/keyring", "export {};"),
      denoSpecifiers({
        imports: { ...imports, "@std/testing/bdd": COLLECTOR },
        packagesFrom: fileURLToPath(new URL("package.json", WORKSPACE)),
      }),
    ],
  });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  return output.filter((file) => file.type === "chunk");
}

/** Gives a module of the bundle its source. */
function virtualModule(specifier: string, code: string): Plugin {
  const id = `\0${specifier}`;
  return {
    name: `virtual:${specifier}`,
    resolveId: (source) => source === specifier ? id : undefined,
    load: (source) => source === id ? code : undefined,
  };
}

function chunkOf(file: string): OutputChunk {
  const path = resolve(fileURLToPath(ROOT), file);
  const chunk = chunks.find(({ facadeModuleId }) => facadeModuleId === path);
  if (chunk === undefined) throw new Error(`Cannot find ${file} in the bundle`);
  return chunk;
}

/** Names of everything that a chunk imports eagerly, chunks and Node modules. */
function closureOf(chunk: OutputChunk): string[] {
  const names = new Set([chunk.fileName]);
  for (const name of names) {
    chunks.find(({ fileName }) => fileName === name)?.imports.forEach((imported) => names.add(imported));
  }
  return [...names];
}
