import { Miniflare } from "npm:miniflare@4.20260730.0";
import type { Bench, Group, Line, Sample, Topic } from "../bench.ts";
import { bundleForWorkers } from "../measure/bundle_worker.ts";
import { type InstanceFile, startInstance } from "../measure/instance.ts";
import { type BenchRuntime, commandOf } from "../measure/runtimes.ts";
import { runSubject } from "../measure/subject.ts";
import type { Load } from "../subjects/server/load.ts";

const CONNECTIONS = 20;
const COMPATIBILITY_DATE = "2026-07-01";

const SUBJECTS: readonly [path: string, label: string, role: Line["role"]][] = [
  ["/floor", "a JSON answer", "floor"],
  ["/own", "handle()", "own"],
  ["/backend", "@clerk/backend, authenticateRequest()", "peer"],
  ["/jose", "jose, jwtVerify()", "peer"],
];

/** A server that is put under load. */
interface LoadedServer {
  label: string;
  origin: string;
  close(): Promise<void>;
}

/** What a backend answers under load. */
export const handle: Topic = {
  name: "handle",
  title: "A server under load",
  about:
    `Requests a second, ${CONNECTIONS} at once, all with the same JWT; load generator and server share the ` +
    "machine. The floor answers with the same JSON and looks at nothing. Node serves through `@hono/node-server`, as the " +
    "guide has it; workerd is the runtime of Cloudflare Workers, started by miniflare. `jose` verifies the JWT each time, " +
    "`handle()` remembers what it has verified.",
  async measure(bench: Bench): Promise<Group[]> {
    const instance = await startInstance(bench.workspace, { jwts: 1 });
    const groups: Group[] = [];
    const published = bench.runtimes.filter(({ build }) => build === "published");
    const starts = [
      ...published.map((runtime) => () => startServer(runtime, instance.file)),
      () => startWorker(bench, instance.file),
    ];
    for (const start of starts) {
      groups.push(await measureServer(await start(), { bench, file: instance.file }));
    }
    await instance.close();
    return groups;
  },
};

async function measureServer(
  { label, origin, close }: LoadedServer,
  { bench: { isQuick, runtimes }, file }: { bench: Bench; file: string },
): Promise<Group> {
  const { jwts: [token = ""] } = await readInstance(file);
  const load: Load = {
    urls: SUBJECTS.map(([path]) => origin + path),
    authorization: `Bearer ${token}`,
    connections: CONNECTIONS,
    seconds: 0.3,
    rounds: isQuick ? 1 : 4,
  };
  const [node] = runtimes;
  const rates = await runSubject<Record<string, Sample[]>>(node!, "server/load", { args: [load] });
  await close();
  const lines = SUBJECTS.map(([path, label, role]) => ({ label, role, samples: rates[origin + path]! }));
  return { label, unit: "/s", lines };
}

async function startServer(runtime: BenchRuntime, file: string): Promise<LoadedServer> {
  const [command, ...args] = commandOf(runtime, "server/serve");
  const child = new Deno.Command(command, {
    args: [...args, JSON.stringify(file)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: port = "" } = await reader.read();
  return {
    label: runtime.label,
    origin: `http://127.0.0.1:${port.trim()}`,
    async close() {
      child.kill();
      await reader.cancel();
      await child.status;
    },
  };
}

async function startWorker({ workspace }: Bench, file: string): Promise<LoadedServer> {
  const source = `export { default } from "./bench/subjects/server/worker.js";`;
  const { code } = await bundleForWorkers(source, workspace.npm, { minify: false });
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.js", contents: code }],
    compatibilityDate: COMPATIBILITY_DATE,
    bindings: { INSTANCE: await Deno.readTextFile(file) },
  });
  const { origin } = await miniflare.ready;
  return { label: "workerd", origin, close: () => miniflare.dispose() };
}

async function readInstance(file: string): Promise<InstanceFile> {
  return JSON.parse(await Deno.readTextFile(file));
}
