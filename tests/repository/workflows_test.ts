import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isMap, isScalar, parseDocument, visit } from "npm:yaml@2.9.1";
import { readDenoConfig, ROOT } from "../../scripts/deno_config.ts";
import { shellCommandsIn, taskOf } from "./shell_commands.ts";

const FOLDER = new URL(".github/workflows/", ROOT);
const FILES = ["ci.yml", "publish.yml"];

interface Job {
  permissions?: Record<string, string>;
  strategy?: { matrix: { os: string[]; target: { name: string }[] } };
  steps: { uses?: string; run?: string; "working-directory"?: string }[];
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

async function readWorkflow(name: string): Promise<Workflow> {
  return parseDocument(await Deno.readTextFile(new URL(name, FOLDER)), { strict: true }).toJS();
}

function stepsOf({ jobs }: Workflow): Job["steps"] {
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

describe("the workflows", () => {
  it("are those that are tested here", async () => {
    const files = await Array.fromAsync(Deno.readDir(FOLDER), ({ name }) => name);
    assertEquals(files.sort(), FILES);
  });

  for (const name of FILES) {
    it(`pin every action of ${name} to a commit, and say its version`, async () => {
      const pins = await pinsIn(name);
      assertEquals(pins.length, stepsOf(await readWorkflow(name)).filter(({ uses }) => uses).length);
      for (const pin of pins) assertMatch(pin, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it(`run in ${name} no task that does not exist`, async () => {
      const { tasks } = await readDenoConfig() as unknown as { tasks: Record<string, string> };
      const commands = stepsOf(await readWorkflow(name)).flatMap(({ run = "" }) => shellCommandsIn(run));
      const run = commands.flatMap((command) => taskOf(command) ?? []);
      assert(run.includes("check"));
      assertEquals(run.filter((task) => tasks[task] === undefined), []);
    });

    it(`may read in ${name}, and do no more unless a job says so`, async () => {
      assertEquals((await readWorkflow(name)).permissions, { contents: "read" });
    });
  }

  it("test each runtime on each system", async () => {
    const { strategy } = (await readWorkflow("ci.yml")).jobs.test ?? {};
    assertEquals(strategy?.matrix.os.map((name) => name.split("-")[0]), ["ubuntu", "macos", "windows"]);
    assertEquals(strategy?.matrix.target.map(({ name }) => name), [
      "Deno",
      "Node 20",
      "Node 22",
      "Node 24",
      "Bun",
      "workerd",
    ]);
  });

  it("publish what was built to both registries, with provenance, on a tag alone", async () => {
    const { on, jobs } = await readWorkflow("publish.yml");
    assertEquals(on, { push: { tags: ["v*"] } });
    for (
      const [job, command] of [["jsr", /^deno publish$/], ["npm", /^npm publish --provenance /]] as const
    ) {
      const { permissions, steps = [] } = jobs[job] ?? {};
      assertEquals(permissions, { contents: "read", "id-token": "write" });
      assert(steps.some(({ run }) => run === `deno task build:${job}`));
      const publish = steps.find(({ run = "" }) => command.test(run));
      assertEquals(publish?.["working-directory"], job);
    }
  });
});

/** Every action that a workflow uses, with the comment behind it. */
async function pinsIn(name: string): Promise<string[]> {
  const pins: string[] = [];
  visit(parseDocument(await Deno.readTextFile(new URL(name, FOLDER))), {
    Map(_, map) {
      const uses = isMap(map) ? map.get("uses", true) : undefined;
      if (isScalar(uses)) pins.push(`${uses.value} #${uses.comment ?? ""}`);
    },
  });
  return pins;
}
