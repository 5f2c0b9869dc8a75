/**
 * Measures which lines and branches of src the tests run: on Deno, except for the adapters of Node and Bun, which are
 * measured on those. Each runtime's own tool counts and reports, and fails below the threshold.
 *
 *     deno task coverage [PATH…]
 *
 * With paths, only these tests count: `deno task coverage tests/storage` shows what the tests of the stores run.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { allImports, readDenoConfig, ROOT } from "./deno_config.ts";
import { emptyFolder } from "./folders.ts";
import { listFiles, listSources } from "./list_sources.ts";
import { CONFIG_FILE } from "./registry.ts";
import { bundle } from "./test/bundle.ts";
import { testEnvironment, WORKSPACE } from "./test/environment.ts";
import { findTests } from "./test/find_tests.ts";
import { prepareWorkspace } from "./test/workspace.ts";

/** In percent. Deno's own tool reads them by itself. */
const { lines, branches } =
  ((await readDenoConfig()).coverage as { thresholds: { lines: number; branches: number } }).thresholds;

/** What only its own runtime runs. */
const ADAPTERS = { node: /\bsrc\/runtime\/(?:node\b|local_socket\.)/, bun: /\bsrc\/runtime\/bun\b/ };

/** Tests of the repository itself run nothing in src. */
const OTHER_TESTS = /^tests\/(?:bench|repository)\//;
const ADAPTER_TESTS = /^tests\/(?:runtime|storage)\//;

const FOLDER = new URL("coverage/", WORKSPACE);
/** Bundles that Node and Bun run. */
const BUNDLE = new URL("bundle/", FOLDER);
/** Counts of Deno and Node. */
const [DENO, NODE] = ["deno/", "node/"].map((name) => fileURLToPath(new URL(name, FOLDER))) as [
  string,
  string,
];

const tests = (await findTests(Deno.args)).filter((file) => !OTHER_TESTS.test(file));
const adapterTests = tests.filter((file) => ADAPTER_TESTS.test(file));
console.log("Building the npm package and bundling the tests");
const setup = await prepareWorkspace();
await emptyFolder(FOLDER);
const results = await measureOnDeno();
if (adapterTests.length > 0) {
  const files = await bundleModules([...adapterTests, ...await listSources(["tests/programs"])]);
  results.push(...await measureOnNode(files), ...await measureOnBun(files));
}
Deno.exit(results.every(Boolean) ? 0 : 1);

async function measureOnDeno(): Promise<boolean[]> {
  const env = { ...testEnvironment(setup, true), DENO_COVERAGE_DIR: DENO };
  const options = ["-A", "--no-lock", "--no-check", "-c", setup.denoConfig];
  const passed = await succeeds(setup.deno, ["test", ...options, ...tests], { env });
  // A source that no test loads counts too.
  const all = new URL("all_sources.ts", FOLDER);
  const imports = (await listSources(["src"])).map((file) => `import "${new URL(file, ROOT)}";\n`);
  await Deno.writeTextFile(all, imports.join(""));
  await succeeds(setup.deno, ["run", ...options, fileURLToPath(all)], { env });
  // A process killed while it writes its counts leaves half a file, which stops Deno from reporting anything.
  for (const name of await listFiles(new URL("deno/", FOLDER))) {
    const file = `${DENO}${name}`;
    if (!(await Deno.readTextFile(file)).trimEnd().endsWith("}")) await Deno.remove(file);
  }
  const others = Object.values(ADAPTERS).map(({ source }) => `--exclude=${source}`);
  const include = `--include=^${new URL("src/", ROOT)}`;
  return [passed, await succeeds(setup.deno, ["coverage", include, ...others, DENO])];
}

/**
 * Bundles tests with the sources that they test, each module into its own file, so that the tools report by the names
 * of the sources. Returns the files.
 */
async function bundleModules(sources: string[]): Promise<string[]> {
  await bundle({
    sources,
    to: BUNDLE,
    imports: allImports(await readDenoConfig(CONFIG_FILE.npm)),
    output: { preserveModules: true, preserveModulesRoot: fileURLToPath(ROOT) },
  });
  return (await listFiles(BUNDLE)).filter((file) => file.endsWith(".js"));
}

function testsIn(files: string[]): string[] {
  return files.filter((file) => file.endsWith("_test.js")).map((file) => `./${file}`);
}

/** Node also counts in programs that tests start. */
async function measureOnNode(files: string[]): Promise<boolean[]> {
  const programs = fileURLToPath(new URL("tests/programs/", BUNDLE));
  const env = { ...testEnvironment({ ...setup, programs }, true), NODE_V8_COVERAGE: NODE };
  const args = ["--test", "--test-timeout=300000", ...testsIn(files)];
  const passed = await succeeds(setup.node, args, { cwd: BUNDLE, env });
  const adapters = files.filter((file) => ADAPTERS.node.test(file)).map((file) => `--include=${file}`);
  const report = await succeeds(setup.deno, [
    ...["run", "-A", "--no-lock", "npm:c8@11.0.0", "report", "--all", `--temp-directory=${NODE}`],
    ...["--check-coverage", `--lines=${lines}`, `--branches=${branches}`, ...adapters],
  ], { cwd: BUNDLE });
  return [passed, report];
}

/** Bun counts no branches, and nothing in programs that tests start. */
async function measureOnBun(files: string[]): Promise<boolean[]> {
  const others = files.filter((file) => !ADAPTERS.bun.test(file));
  const config = `[test]\ncoveragePathIgnorePatterns = ${JSON.stringify(others)}\n`;
  await Deno.writeTextFile(new URL("bunfig.toml", BUNDLE), config);
  const reporters = ["--coverage-reporter=text", "--coverage-reporter=lcov", "--coverage-dir=."];
  const args = ["test", "--timeout=300000", "--coverage", ...reporters, ...testsIn(files)];
  const passed = await succeeds(setup.bun, args, { cwd: BUNDLE, env: testEnvironment(setup, true) });
  const report = await Deno.readTextFile(new URL("lcov.info", BUNDLE));
  const sum = (field: string) =>
    [...report.matchAll(new RegExp(`^${field}:(\\d+)$`, "gm"))].reduce((all, [, n]) => all + Number(n), 0);
  // Bun's own threshold applies to each file, but single files may be below it.
  const covered = 100 * sum("LH") / sum("LF");
  console.log(`Bun: ${covered.toFixed(1)} % of the lines, at least ${lines} % are required`);
  return [passed, covered >= lines];
}

async function succeeds(
  command: string,
  args: string[],
  options: { cwd?: URL; env?: Record<string, string> } = {},
): Promise<boolean> {
  const child = new Deno.Command(command, { args, cwd: ROOT, ...options, stdin: "null" }).spawn();
  return (await child.status).success;
}
