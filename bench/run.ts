/**
 * Measures what this package costs on every command and every request, against programs by hand and other libraries.
 *
 *     deno task bench [TOPIC…] [--seconds 90] [--no-build]
 *
 * Without a topic it measures five figures and tells which goals are met, or that the machine is too noisy to say.
 * Topics show more: import, token, refresh, login, server, store, storm, verification. `--no-build` measures the last
 * build.
 *
 * @module
 */
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Bench, Group, Topic } from "./bench.ts";
import { detailsTable, figuresTable, verdictOf } from "./table.ts";
import { imports } from "./topics/import.ts";
import { login } from "./topics/login.ts";
import { refresh } from "./topics/refresh.ts";
import { server } from "./topics/server.ts";
import { store } from "./topics/store.ts";
import { storm } from "./topics/storm.ts";
import { token } from "./topics/token.ts";
import { verification } from "./topics/verification.ts";
import { type Samples, takeTurns } from "./turns.ts";
import { prepareWorkspace, type Workspace } from "./workspace.ts";

const FIGURES: readonly Topic[] = [imports, token, refresh, login, server];
const TOPICS: readonly Topic[] = [...FIGURES, store, storm, verification];

if (import.meta.main) await benchmark(Deno.args);

async function benchmark(args: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    allowNegative: true,
    options: { seconds: { type: "string", default: "90" }, build: { type: "boolean", default: true } },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new TypeError(`Cannot measure for '${values.seconds}' seconds`);
  const topics = positionals.map(topicOf);
  console.log("Preparing this package and what it is compared with");
  const workspace = await prepareWorkspace({ builds: values.build });
  warnOfLoad();
  if (topics.length === 0) await measureFigures(workspace, seconds);
  for (const topic of topics) await measureTopic(workspace, topic, seconds);
  // The runtime may still have open connections.
  Deno.exit();
}

function topicOf(name: string): Topic {
  const topic = TOPICS.find((topic) => topic.name === name);
  if (topic) return topic;
  throw new TypeError(`Cannot measure '${name}': expected ${TOPICS.map(({ name }) => name).join(", ")}`);
}

/** Other load on the machine distorts the figures. */
function warnOfLoad(): void {
  const [load = 0] = loadavg();
  const cores = availableParallelism();
  if (load > cores / 2) console.log(`The machine is busy: a load of ${load.toFixed(1)} on ${cores} cores`);
}

async function measureFigures(workspace: Workspace, seconds: number): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const bench = { ...workspace, resources, isBrief: true };
  const groups: Group[] = [];
  for (const topic of FIGURES) groups.push(...await topic.prepare(bench));
  const samples = await measure(groups, seconds);
  print(figuresTable(groups, samples));
  const untold = groups.filter((group) => verdictOf(group, samples) === "too noisy to tell").length;
  if (untold > 0) {
    console.log(
      `\n${untold} of ${groups.length} are too noisy to tell: run again on a quiet machine, or for longer`,
    );
  }
}

async function measureTopic(
  workspace: Workspace,
  { title, about, prepare }: Topic,
  seconds: number,
): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const bench: Bench = { ...workspace, resources, isBrief: false };
  const groups = await prepare(bench);
  const samples = await measure(groups, seconds);
  console.log(`\n— ${title}\n${about}`);
  print(detailsTable(groups, samples));
  print(figuresTable(groups, samples));
}

async function measure(groups: readonly Group[], seconds: number): Promise<Samples> {
  console.log(`Measuring for ${seconds} seconds`);
  return await takeTurns(groups.flatMap(({ own, others }) => [own, ...others]), { seconds });
}

function print(table: readonly string[]): void {
  console.log(`\n${table.join("\n")}`);
}
