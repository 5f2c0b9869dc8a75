import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type OutputChunk, rolldown } from "npm:rolldown@1.2.19";
import { readDenoConfig, ROOT } from "../deno_config.ts";
import { CONFIG_FILE } from "../registry.ts";
import { denoSpecifiers } from "./deno_specifiers.ts";
import { virtualModule } from "./virtual_module.ts";
import { WORKSPACE } from "./workspace.ts";

const ENTRY = "worker";
const COLLECTOR = fileURLToPath(new URL("workerd_bdd.ts", import.meta.url));

/**
 * Bundles tests into one worker that runs them all on a request and answers with their results.
 *
 * @param sources The tests, as paths from the root of the repository.
 * @returns The worker's module.
 */
export async function bundleWorker(sources: string[]): Promise<string> {
  return (await bundleAll(sources)).code;
}

/**
 * Tells whether a test needs modules of Node at once, which a worker does not have.
 *
 * @param source The test.
 * @returns Whether it does.
 */
export async function needsNode(source: string): Promise<boolean> {
  return (await bundleAll([source])).imports.length > 0;
}

async function bundleAll(sources: string[]): Promise<OutputChunk> {
  const { imports } = await readDenoConfig(CONFIG_FILE.npm);
  const tests = sources.map((file) => JSON.stringify(resolve(fileURLToPath(ROOT), file)));
  // A worker may do nothing of interest before a request: the tests are loaded by it.
  const entry = `
    import { runCollected } from ${JSON.stringify(COLLECTOR)};
    export default {
      async fetch() {
        ${tests.map((file) => `await import(${file});`).join("\n")}
        return Response.json(await runCollected());
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
      // A native module, which only the client half ever asks for.
      virtualModule("@napi-rs/keyring", "export {};"),
      denoSpecifiers({
        imports: { ...imports, "@std/testing/bdd": COLLECTOR },
        packagesFrom: fileURLToPath(new URL("package.json", WORKSPACE)),
      }),
    ],
  });
  const { output: [chunk] } = await build.generate({ format: "esm", codeSplitting: false });
  await build.close();
  return chunk;
}
