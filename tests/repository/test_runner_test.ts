import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { join } from "node:path";
import { listSources } from "../../scripts/list_sources.ts";
import { type Batch, planBatches } from "../../scripts/test/batches.ts";
import * as collected from "../../scripts/test/collected_bdd.ts";
import { findTests } from "../../scripts/test/find_tests.ts";
import { readOptions } from "../../scripts/test/options.ts";
import { placesOf, RUNTIMES } from "../../scripts/test/places.ts";
import { describeFailures } from "../../scripts/test/report.ts";
import { readReport, runBatch } from "../../scripts/test/run_batch.ts";
import { scanImports } from "../../scripts/test/scan_imports.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";

/** Runs a file with the tests that `register` registers, and returns what happened, in order. */
async function collect(register: (log: (entry: string) => () => void) => void): Promise<string[]> {
  const entries: string[] = [];
  const log = (entry: string) => () => void entries.push(entry);
  await collected.runFile(() => Promise.resolve(log).then(register), {
    started() {},
    ended: ({ name, outcome, message }) =>
      entries.push(`${name}: ${outcome} ${message?.split("\n")[0] ?? ""}`.trim()),
  });
  return entries;
}

function fail(message: string): never {
  throw new Error(message);
}

describe("a file of collected tests", () => {
  it("runs a suite's hooks around its tests, inner ones closest", async () => {
    const entries = await collect((log) => {
      collected.beforeEach(log("before each"));
      collected.afterEach(log("after each"));
      collected.describe("suite", () => {
        collected.beforeAll(log("before all"));
        collected.afterAll(log("after all"));
        collected.beforeEach(log("inner before each"));
        collected.afterEach(log("inner after each"));
        collected.it("one", log("one"));
        collected.it.skip("two", log("two"));
      });
      collected.it("last", log("last"));
    });
    assertEquals(entries, [
      "before all",
      ...["before each", "inner before each", "one", "inner after each", "after each"],
      "suite > one: passed",
      "suite > two: skipped",
      "after all",
      ...["before each", "last", "after each"],
      "last: passed",
    ]);
  });

  it("continues after a failing test, whatever it throws", async () => {
    const entries = await collect(() => {
      collected.it("throws", () => fail("no"));
      collected.it("rejects", () => Promise.reject("never"));
      collected.it("passes", () => {});
    });
    assertEquals(entries, ["throws: failed Error: no", "rejects: failed never", "passes: passed"]);
  });

  it("fails if a hook fails, and still cleans up", async () => {
    const entries = await collect((log) => {
      collected.describe("suite", () => {
        collected.beforeAll(() => fail("no"));
        collected.afterAll(log("after all"));
        collected.it("is not run", log("run"));
      });
      collected.describe("other", () => {
        collected.afterEach(() => fail("after"));
        collected.it("passes", () => {});
      });
    });
    assertEquals(entries, [
      "after all",
      "suite: failed Error: no",
      "other > passes: failed Error: after",
    ]);
  });

  it("fails if it cannot be loaded", async () => {
    assertEquals(await collect(() => fail("no")), ["the file is loaded: failed Error: no"]);
  });

  it("reports the cause of a failure", () => {
    const { message } = collected.failedTest("a", new Error("outer", { cause: new TypeError("inner") }));
    assertMatch(message ?? "", /^Error: outer\n[^]*\ncaused by TypeError: inner\n/);
  });
});

const BATCH: Batch = {
  name: "deno core 1",
  runtime: "deno",
  files: ["tests/core/a_test.ts", "tests/core/b_test.ts"],
  needsPackage: false,
  expectedMs: 0,
};

describe("a process that runs tests", () => {
  /** Runs a file with this text. */
  async function runText(text: string): Promise<string[]> {
    const [folder, temporary] = [await makeTemporaryFolder(), await makeTemporaryFolder()];
    try {
      const file = join(folder.path, "made_up_test.ts");
      await Deno.writeTextFile(file, `import { describe, it } from "@std/testing/bdd";\n${text}`);
      const batch = { ...BATCH, name: "deno made up", files: [file] };
      const { results } = await runBatch(batch, { setup: undefined, temporaryFolder: temporary.path });
      return results.map(({ name, outcome, message = "" }) => `${name}: ${outcome} ${message}`.trim());
    } finally {
      await Promise.all([folder.remove(), temporary.remove()]);
    }
  }

  it("passes if its tests pass", async () => {
    assertEquals(await runText(`it("passes", () => {});`), ["passes: passed"]);
  });

  it("fails if a test leaves something in the temporary directory", async () => {
    assertEquals(
      await runText(`it("leaves", () => Deno.writeTextFileSync(Deno.env.get("TMPDIR") + "/x", ""));`),
      [
        "leaves: passed",
        "cleans up: failed 1 left in the temporary folder: x",
      ],
    );
  });

  it("blames the test that was running when it ended", async () => {
    const [result, ...others] = await runText(`it("ends all", () => { console.log("bye"); Deno.exit(3); });`);
    assertEquals([result, others], ["ends all: failed the process ended with exit code 3\nbye", []]);
  });

  it("fails for a rejection that nobody awaited", async () => {
    const [result] = await runText(`
      import process from "node:process";
      it("rejects later", async () => {
        const noticed = new Promise((resolve) => process.once("unhandledRejection", resolve));
        Promise.reject(new Error("lost"));
        await noticed;
      });
    `);
    assertMatch(result ?? "", /^rejects later \(unhandledRejection\): failed Error: lost/);
  });
});

describe("readReport()", () => {
  it("assigns each result to its file, and each file its duration", () => {
    const events = [
      ...[{ file: "tests/core/a_test.ts" }, { test: "one" }, { result: { name: "one", outcome: "passed" } }],
      ...[{ durationMs: 5 }, { unfit: "tests/core/b_test.ts" }, { done: true }],
    ];
    assertEquals(readReport(BATCH, events.map((event) => JSON.stringify(event)).join("\n"), "ended"), {
      batch: BATCH,
      results: [{ file: "tests/core/a_test.ts", name: "one", outcome: "passed" }],
      unfit: ["tests/core/b_test.ts"],
      durations: { "deno tests/core/a_test.ts": 5 },
    });
  });

  it("counts a process that wrote nothing as failed", () => {
    assertEquals(readReport(BATCH, "", "the process ended with SIGKILL").results, [{
      file: "tests/core/a_test.ts",
      name: "is loaded",
      outcome: "failed",
      message: "the process ended with SIGKILL",
    }]);
  });
});

describe("describeFailures()", () => {
  it("says how to run the file again", () => {
    const failed = {
      file: "tests/core/a_test.ts",
      name: "a",
      outcome: "failed",
      message: "no\nnever",
    } as const;
    const report = {
      batch: { ...BATCH, runtime: "node" as const, name: "node core 1" },
      unfit: [],
      durations: {},
    };
    assertEquals(describeFailures([{ ...report, results: [failed] }]), [
      "",
      "tests/core/a_test.ts on node",
      "  FAILED: a",
      "    no",
      "    never",
      "  Run it again: deno task test tests/core/a_test.ts --runtime node",
    ]);
  });
});

describe("the plan of a run", () => {
  it("assigns every test to a process, each with tests of one directory on one runtime", async () => {
    const options = readOptions(["--all"]);
    const placements = (await findTests()).flatMap((file) =>
      placesOf(file, options).filter((runtime) => runtime !== "workerd")
        .map((runtime) => ({ file, runtime, needsPackage: runtime !== "deno" }))
    );
    const batches = planBatches(placements, { ...options, durations: {} });
    const planned = batches.flatMap(({ runtime, files }) => files.map((file) => `${runtime} ${file}`));
    assertEquals(planned.sort(), placements.map(({ runtime, file }) => `${runtime} ${file}`).sort());
    for (const { name, files } of batches) {
      assertEquals(new Set(files.map((file) => file.split("/")[1])).size, 1, name);
    }
  });

  it("starts with the slowest, alone in its process", () => {
    const files = ["a", "b", "c"].map((name) => `tests/core/${name}_test.ts`);
    const placements = files.map((file) => ({ file, runtime: "node" as const, needsPackage: true }));
    const batches = planBatches(placements, { durations: { [`node ${files[1]}`]: 20_000 }, all: true });
    assertEquals(batches[0]?.files, [files[1]]);
  });

  it("runs each test every day and with --all, except those that repeat others at length", async () => {
    const [everyday, all] = [readOptions([]), readOptions(["--all"])];
    const onlyWithAll: string[] = [];
    for (const file of await findTests()) {
      const places = placesOf(file, everyday);
      if (places.length === 0) onlyWithAll.push(file);
      assert(placesOf(file, all).length > 0, file);
      assertEquals(places.filter((runtime) => !placesOf(file, all).includes(runtime)), [], file);
    }
    assertEquals(onlyWithAll.sort(), [
      "tests/client/session_property_whole_test.ts",
      "tests/faults/access_token_test.ts",
      "tests/faults/login_test.ts",
      "tests/faults/other_methods_test.ts",
      "tests/faults/server_test.ts",
      "tests/repository/jsr_test.ts",
      "tests/repository/model_whole_test.ts",
    ]);
  });
});

describe("readOptions()", () => {
  it("uses only Deno for paths, unless a runtime or --all is given", () => {
    assertEquals(readOptions(["tests/core"]).runtimes, ["deno"]);
    assertEquals(readOptions(["tests/core", "--runtime", "bun", "--runtime", "node"]).runtimes, [
      "bun",
      "node",
    ]);
    assertEquals(readOptions(["tests/core", "--all"]).runtimes, RUNTIMES);
    assertEquals(readOptions([]), {
      filters: [],
      runtimes: RUNTIMES,
      all: false,
      isThorough: false,
    });
  });
});

describe("scanImports()", () => {
  it("finds the modules and packages that a test loads", async () => {
    const imports = { "@std/assert": "./scripts/npm_std/assert.ts" };
    const files = ["tests/harness/harness_test.ts", "tests/harness/chromium.ts"];
    const { modules, packages } = await scanImports(files, imports);
    assert(modules.has("tests/harness/setup.ts"));
    assert(modules.has("scripts/npm_std/assert.ts"));
    assertEquals(Object.keys(packages), ["playwright-core", "deno-std"]);
    const sources = await listSources();
    assertEquals([...modules].filter((module) => !sources.includes(module)), []);
  });

  it("leaves out modules that a test imports only types from", async () => {
    const { modules } = await scanImports(["scripts/test/report.ts"], {});
    assertEquals([...modules], ["scripts/test/report.ts"]);
  });
});
