import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isMap, isScalar, parseDocument, visit } from "npm:yaml@2.9.1";
import { readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { shellCommandsIn, taskOf } from "./shell_commands.ts";

const FOLDER = new URL(".github/workflows/", ROOT);
const FILES = ["ci.yml", "nightly.yml", "publish.yml", "site.yml"];

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  "working-directory"?: string;
}

interface Job {
  needs?: string[];
  /** Another workflow, whose jobs these are. */
  uses?: string;
  with?: Record<string, unknown>;
  permissions?: Record<string, string>;
  env?: Record<string, string>;
  "timeout-minutes"?: number;
  strategy?: {
    matrix: Record<string, (string | number)[]> & { include?: { task: string; folder: string }[] };
  };
  steps?: Step[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  concurrency: { group: string; "cancel-in-progress": boolean };
  env?: Record<string, string>;
  jobs: Record<string, Job>;
}

async function readWorkflow(name: string): Promise<Workflow> {
  return parseDocument(await Deno.readTextFile(new URL(name, FOLDER)), { strict: true }).toJS();
}

/** The jobs that have steps of their own. */
function ownJobs({ jobs }: Pick<Workflow, "jobs">): (Job & { steps: Step[] })[] {
  return Object.values(jobs).flatMap(({ steps, ...job }) => steps === undefined ? [] : [{ ...job, steps }]);
}

/** The tasks that a job runs, one for each value in its matrix. */
function tasksOf({ steps = [], strategy }: Job): string[] {
  const { task = [], include = [] } = strategy?.matrix ?? {};
  const named = [...task, ...include.map(({ task }) => task)];
  const runs = steps.flatMap(({ run = "" }) =>
    named.length === 0 ? run : named.map((task) => run.replace("${{ matrix.task }}", String(task)))
  );
  return [
    ...new Set(runs.flatMap((run) => shellCommandsIn(run)).flatMap((command) => taskOf(command) ?? [])),
  ];
}

describe("the workflows", () => {
  it("are exactly those tested here", async () => {
    const files = await Array.fromAsync(Deno.readDir(FOLDER), ({ name }) => name);
    assertEquals(files.sort(), FILES);
  });

  for (const name of FILES) {
    it(`pin every action of ${name} to a commit, and say its version`, async () => {
      const used = ownJobs(await readWorkflow(name)).flatMap(({ steps }) => steps).filter(({ uses }) => uses);
      const pins = await pinsIn(name);
      assertEquals(pins.length, used.length);
      for (const pin of pins) assertMatch(pin, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it(`run only existing tasks in ${name}`, async () => {
      const { tasks } = await readDenoConfig() as unknown as { tasks: Record<string, string> };
      const run = ownJobs(await readWorkflow(name)).flatMap(tasksOf);
      assertNotEquals(run, []);
      assertEquals(run.filter((task) => tasks[task] === undefined), []);
    });

    it(`may only read in ${name}, unless a job says otherwise`, async () => {
      assertEquals((await readWorkflow(name)).permissions, { contents: "read" });
    });

    it(`time out in ${name}, and do not run twice at once`, async () => {
      const workflow = await readWorkflow(name);
      assert(workflow.concurrency.group);
      for (const job of ownJobs(workflow)) assert(job["timeout-minutes"]);
    });

    it(`build in ${name} with JSR, without probing the network`, async () => {
      const { env, ...workflow } = await readWorkflow(name);
      for (const job of ownJobs(workflow).filter((job) => tasksOf(job).length > 0)) {
        assertEquals({ ...env, ...job.env }.CLI_AUTH_REGISTRY, "jsr");
      }
    });
  }

  it("check and test every push, on each system and each Node", async () => {
    const { on, jobs } = await readWorkflow("ci.yml");
    assert("pull_request" in on && "push" in on);
    assertEquals(tasksOf(jobs.check ?? {}), ["check"]);
    assertEquals(tasksOf(jobs.test ?? {}), ["test"]);
    const { os = [], node } = jobs.test?.strategy?.matrix ?? {};
    assertEquals(os.map((name) => String(name).split("-")[0]), ["ubuntu", "macos", "windows"]);
    assertEquals(node, [20, 22, 24]);
  });

  it("test everything each night, and look for what tests miss", async () => {
    const { on, jobs } = await readWorkflow("nightly.yml");
    assertEquals(Object.keys(on), ["schedule", "workflow_dispatch"]);
    assertEquals([jobs.test?.uses, jobs.test?.with], ["./.github/workflows/ci.yml", { arguments: "--all" }]);
    assertEquals(tasksOf(jobs.search ?? {}), ["audit", "fuzz", "soak", "mutate"]);
    const mutated = jobs.search?.strategy?.matrix.include?.map(({ folder }) => folder);
    assertEquals(mutated, ["core", "storage", "client", "server"]);
  });

  it("publish what was tested, only on a tag", async () => {
    const { on, jobs } = await readWorkflow("publish.yml");
    assertEquals(on, { push: { tags: ["v*"] } });
    assertEquals(jobs.test?.uses, "./.github/workflows/ci.yml");
    for (const registry of ["jsr", "npm"]) assertEquals(jobs[registry]?.needs, ["test", "build"]);
  });

  it("build without permission to publish, and publish without running code of the repository", async () => {
    const { build, jsr, npm } = (await readWorkflow("publish.yml")).jobs;
    assertEquals([build?.permissions, tasksOf(build ?? {})], [undefined, ["build:jsr", "build:npm"]]);
    const built = build?.steps?.filter(({ uses }) => uses?.startsWith("actions/upload-artifact@"));
    assertEquals(built?.map((step) => step.with?.name), ["jsr", "npm"]);
    for (const [name, job] of Object.entries({ jsr, npm })) {
      assertEquals(job?.permissions, { "id-token": "write" });
      const [download, setup, publish, ...rest] = job?.steps ?? [];
      assertMatch(download?.uses ?? "", /^actions\/download-artifact@/);
      assertEquals(download?.with?.name, name);
      assertMatch(setup?.uses ?? "", /\/setup-(deno|node)@/);
      assertMatch(publish?.run ?? "", /^(deno|npm) publish\b/);
      assertEquals(rest, []);
    }
  });

  it("publish to npm with provenance, and pre-releases under a tag that is not installed by default", async () => {
    const { steps = [] } = (await readWorkflow("publish.yml")).jobs.npm ?? {};
    const tag = "${{ contains(github.ref_name, '-') && 'next' || 'latest' }}";
    assertEquals(
      steps.at(-1)?.run,
      `npm publish ./clerk-cli-auth-*.tgz --provenance --access public --tag ${tag}`,
    );
  });
});

/** Every action that a workflow's steps use, with the comment after it. */
async function pinsIn(name: string): Promise<string[]> {
  const pins: string[] = [];
  visit(parseDocument(await Deno.readTextFile(new URL(name, FOLDER))), {
    Map(_, map) {
      const uses = isMap(map) ? map.get("uses", true) : undefined;
      if (isScalar(uses) && !String(uses.value).startsWith("./")) {
        pins.push(`${uses.value} #${uses.comment ?? ""}`);
      }
    },
  });
  return pins;
}
