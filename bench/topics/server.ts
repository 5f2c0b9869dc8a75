import { fileURLToPath } from "node:url";
import { build } from "npm:esbuild@0.28.1";
import { Miniflare } from "npm:miniflare@4.20260730.0";
import type { Bench, Group, Line, Topic } from "../bench.ts";
import { type InstanceFile, startInstance } from "../instance.ts";
import { startProgram } from "../processes.ts";
import type { Load } from "../programs/load.ts";

const CONNECTIONS = 50;
const COMPATIBILITY_DATE = "2026-07-01";

const BARE = ["/bare", "the bare server"] as const;
const OTHERS: readonly (readonly [path: string, label: string])[] = [
  ["/request", "verifyTokenFromRequest()"],
  ["/handle", "handle()"],
  ["/jose", "jose, jwtVerify()"],
  ["/backend", "@clerk/backend, authenticateRequest()"],
];

/** What a backend can answer under load. */
export const server: Topic = {
  name: "server",
  title: "A server under load",
  about:
    `Requests a second over ${CONNECTIONS} connections, all with the same JWT; the load generator and the server share the ` +
    "machine. The bare server answers with the same JSON and looks at nothing: `node:http`, `Bun.serve`, `Deno.serve`, and " +
    "workerd, the runtime of Cloudflare Workers, started by miniflare. In Node, `handle()` is served by `@hono/node-server`. " +
    "`verifyToken()` and `handle()` remember what they have verified; the others verify it each time.",
  async prepare(bench: Bench): Promise<Group[]> {
    const { runtimes, resources, isBrief } = bench;
    const file = await startInstance(bench);
    const { jwts: [token = ""] }: InstanceFile = JSON.parse(await Deno.readTextFile(file));
    const load: Load = { authorization: `Bearer ${token}`, connections: CONNECTIONS, seconds: 0.3 };
    const { ask, close } = await startProgram(runtimes[0]!, "load", { args: [load] });
    resources.defer(close);
    const groupOf = (label: string, origin: string): Group => {
      const line = (path: string, label: string): Line => ({ label, measure: () => ask(origin + path) });
      return {
        label: `${label}: JWT seen before`,
        unit: "/s",
        own: line("/own", "verifyToken()"),
        others: [line(...BARE), ...(isBrief ? [] : OTHERS).map((other) => line(...other))],
        goal: 0.8,
      };
    };
    const groups: Group[] = [];
    for (const runtime of isBrief ? runtimes.slice(0, 1) : runtimes) {
      const server = await startProgram(runtime, "server", { args: [file] });
      resources.defer(() => server.close());
      const label = runtime.family === "node" ? "node:http" : runtime.label;
      groups.push(groupOf(label, `http://127.0.0.1:${await server.ask<number>("port")}`));
    }
    return isBrief ? groups : [...groups, groupOf("workerd", await startWorker(bench, file))];
  },
};

/** Bundles the worker as `wrangler` does, and starts it. */
async function startWorker({ npm, resources }: Bench, file: string): Promise<string> {
  const { outputFiles: [bundle] } = await build({
    entryPoints: [fileURLToPath(new URL("bench/programs/worker.js", npm))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "silent",
  });
  const miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.js", contents: bundle!.text }],
    compatibilityDate: COMPATIBILITY_DATE,
    bindings: { INSTANCE: await Deno.readTextFile(file) },
  });
  resources.defer(() => miniflare.dispose());
  return (await miniflare.ready).origin;
}
