/**
 * Measures which lines and branches of src the tests run: on Deno, except for the adapters of Node and Bun, which are
 * measured there. Each runtime's own tool counts and reports, and fails below the mark.
 *
 *     deno task coverage [PATH…]
 *
 * With paths, only these tests count: `deno task coverage tests/storage` shows what the tests of the stores run.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { TestSetup } from "../tests/harness/setup.ts";
import { readDenoConfig, ROOT } from "./deno_config.ts";
import { emptyFolder } from "./folders.ts";
import { listSources } from "./list_sources.ts";
import { CONFIG_FILE } from "./registry.ts";
import { bundle } from "./test/bundle.ts";
import { testEnvironment, WORKSPACE } from "./test/environment.ts";
import { prepareWorkspace } from "./test/workspace.ts";

/** In percent; Deno's own tool reads them by itself. */
const { thresholds } = (await readDenoConfig()).coverage as {
  thresholds: { lines: number; branches: number };
};

/** What only its own runtime runs. */
const ADAPTERS = {
  node: /\bsrc\/runtime\/(?:node\b|local_socket\.)/,
  bun: /\bsrc\/runtime\/bun\b/,
} as const;

/** Tests of the repository itself run nothing of src. */
const OTHER_TESTS = /^tests\/(?:bench|repository)\//;
const ADAPTER_TESTS = /^tests\/(?:runtime|storage)\//;

/** What stands in for `@std/testing/bdd` in Bun. */
const BUN_BDD = `
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "bun:test";
describe.ignore = describe.skip;
it.ignore = it.skip;
export { afterAll, afterEach, beforeAll, beforeEach, describe, it };
`;

const FOLDER = new URL("coverage/", WORKSPACE);
const [RAW, NODE, BUN] = ["deno/", "node/", "bun/"].map((name) => new URL(name, FOLDER)) as [URL, URL, URL];

if (import.meta.main) Deno.exit(await measure(Deno.args));

async function measure(paths: string[]): Promise<number> {
  const all = (await listSources(["tests"])).filter((file) => file.endsWith("_test.ts"));
  const tests = all.filter((file) =>
    !OTHER_TESTS.test(file) && (paths.length === 0 || paths.some((path) => file.startsWith(path)))
  );
  if (tests.length === 0) throw new TypeError(`Cannot find tests at '${paths.join(" ")}'`);
  const adapterTests = tests.filter((file) => ADAPTER_TESTS.test(file));
  const programs = await listSources(["tests/programs"]);
  console.log("Building the npm package and bundling the tests");
  const setup = await prepareWorkspace();
  await emptyFolder(FOLDER);
  const results = [await measureOnDeno(tests, setup)];
  if (adapterTests.length > 0) {
    results.push(await measureOnNode([...adapterTests, ...programs], setup));
    results.push(await measureOnBun(adapterTests, setup));
  }
  return results.every(Boolean) ? 0 : 1;
}

async function measureOnDeno(tests: string[], setup: TestSetup): Promise<boolean> {
  const env = { ...testEnvironment(setup), DENO_COVERAGE_DIR: fileURLToPath(RAW) };
  const options = ["-A", "--no-lock", "--no-check", "-c", setup.denoConfig];
  const passed = await succeeds(setup.deno, ["test", ...options, ...tests], { env });
  // A source that no test loads counts as well.
  const all = new URL("all_sources.ts", FOLDER);
  const imports = (await listSources(["src"])).map((file) => `import "${new URL(file, ROOT)}";\n`);
  await Deno.writeTextFile(all, imports.join(""));
  await succeeds(setup.deno, ["run", ...options, fileURLToPath(all)], { env });
  await removeBroken(RAW);
  const exclude = Object.values(ADAPTERS).map(({ source }) => `--exclude=${source}`);
  return await succeeds(setup.deno, [
    ...["coverage", `--include=^${new URL("src/", ROOT)}`, ...exclude],
    fileURLToPath(RAW),
  ]) && passed;
}

/** A process that is killed while it writes its counts leaves half a file, and Deno reports nothing then. */
async function removeBroken(folder: URL): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const file = new URL(name, folder);
    if (!(await Deno.readTextFile(file)).trimEnd().endsWith("}")) await Deno.remove(file);
  }
}

/** Node also counts in the programs that tests start. */
async function measureOnNode(sources: string[], setup: TestSetup): Promise<boolean> {
  const { tests, adapter } = await bundleModules("node", sources, NODE);
  const programs = fileURLToPath(new URL("tests/programs/", NODE));
  const raw = fileURLToPath(new URL("raw/", NODE));
  const passed = await succeeds(setup.node, ["--test", "--test-timeout=300000", ...tests], {
    cwd: NODE,
    env: { ...testEnvironment({ ...setup, programs }), NODE_V8_COVERAGE: raw },
  });
  return await succeeds(setup.deno, [
    ...["run", "-A", "--no-lock", "npm:c8@11.0.0", "report", "--all", `--temp-directory=${raw}`],
    ...["--check-coverage", `--lines=${thresholds.lines}`, `--branches=${thresholds.branches}`],
    ...adapter.map((file) => `--include=${file}`),
  ], { cwd: NODE }) && passed;
}

/** Bun counts no branches, and nothing in the programs that tests start. */
async function measureOnBun(sources: string[], setup: TestSetup): Promise<boolean> {
  const { tests, others } = await bundleModules("bun", sources, BUN);
  await Deno.writeTextFile(
    new URL("bunfig.toml", BUN),
    `[test]\ncoveragePathIgnorePatterns = ${JSON.stringify(others)}\n`,
  );
  const reporters = ["--coverage-reporter=text", "--coverage-reporter=lcov", "--coverage-dir=."];
  const args = ["test", "--timeout=300000", "--coverage", ...reporters, ...tests];
  const passed = await succeeds(setup.bun, args, { cwd: BUN, env: testEnvironment(setup) });
  const report = await Deno.readTextFile(new URL("lcov.info", BUN));
  const sum = (field: string) =>
    [...report.matchAll(new RegExp(`^${field}:(\\d+)$`, "gm"))].reduce((all, [, n]) => all + Number(n), 0);
  // Bun's own threshold holds for each file: one file may have less.
  const lines = 100 * sum("LH") / sum("LF");
  const isEnough = lines >= thresholds.lines;
  console.log(
    `Bun: ${lines.toFixed(1)} % of the lines${isEnough ? "" : `, less than ${thresholds.lines} %`}`,
  );
  return isEnough && passed;
}

/**
 * Bundles tests with the sources that they test, each module into a file of its own: so the tools report by the names of
 * the sources.
 */
async function bundleModules(runtime: keyof typeof ADAPTERS, sources: string[], to: URL) {
  const { name, exports, imports } = await readDenoConfig(CONFIG_FILE.npm);
  const own = Object.entries(exports).map(([subpath, file]) => [name + subpath.slice(1), file]);
  await bundle({
    sources,
    to,
    imports: { ...imports, ...Object.fromEntries(own) },
    ...(runtime === "bun" && { bdd: BUN_BDD }),
    plugins: [{
      name: "keep-modules",
      outputOptions: (options) => ({
        ...options,
        preserveModules: true,
        preserveModulesRoot: fileURLToPath(ROOT),
      }),
    }],
  });
  const files = await listFiles(to);
  return {
    tests: files.filter((file) => file.endsWith("_test.js")).map((file) => `./${file}`),
    adapter: files.filter((file) => ADAPTERS[runtime].test(file)),
    others: files.filter((file) => !ADAPTERS[runtime].test(file)),
  };
}

async function listFiles(folder: URL, path = ""): Promise<string[]> {
  const found = await Array.fromAsync(
    Deno.readDir(new URL(path, folder)),
    ({ name, isFile }) => isFile ? [path + name] : listFiles(folder, `${path}${name}/`),
  );
  return found.flat();
}

async function succeeds(
  command: string,
  args: string[],
  options: { cwd?: URL; env?: Record<string, string> } = {},
): Promise<boolean> {
  const child = new Deno.Command(command, { args, cwd: ROOT, ...options, stdin: "null" }).spawn();
  return (await child.status).success;
}
