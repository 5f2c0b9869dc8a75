import { fileURLToPath } from "node:url";
import { build } from "npm:esbuild@0.28.1";
import { Miniflare } from "npm:miniflare@4.20260730.0";
import type { Bench, Group, Line, Topic } from "../bench.ts";
import { type InstanceFile, startInstance } from "../instance.ts";
import { startProgram } from "../processes.ts";
import type { Load } from "../programs/load.ts";

const CONNECTIONS = 50;
const COMPATIBILITY_DATE = "2026-07-01";

const NODE = "node:http";
const BARE = ["/bare", "the bare server"] as const;
const OTHERS: readonly (readonly [path: string, label: string])[] = [
  ["/own", "verifyToken()"],
  ["/handle", "handle()"],
  ["/jose", "jose, jwtVerify()"],
  ["/backend", "@clerk/backend, authenticateRequest()"],
];

/** What a backend can answer under load. */
export const server: Topic = {
  name: "server",
  title: "A server under load",
  about:
    `Requests a second over ${CONNECTIONS} connections, all with the same JWT or API key; the load generator and the server share the ` +
    "machine. The bare server answers with the same JSON and looks at nothing: `node:http`, `Bun.serve`, `Deno.serve`, and " +
    "workerd, the runtime of Cloudflare Workers, started by miniflare. In Node, `handle()` is served by `@hono/node-server`. " +
    "`authenticate()`, `verifyToken()` and `handle()` remember what they have verified; the others verify it each time.",
  async prepare(bench: Bench): Promise<Group[]> {
    const { runtimes, resources, isBrief } = bench;
    const file = await startInstance(bench);
    const { jwts: [jwt = ""], apiKeys: [key = ""] }: InstanceFile = JSON.parse(await Deno.readTextFile(file));
    const loadWith = async (token: string) => {
      const load: Load = { authorization: `Bearer ${token}`, connections: CONNECTIONS, seconds: 0.3 };
      const { ask, close } = await startProgram(runtimes[0]!, "load", { args: [load] });
      resources.defer(close);
      return ask;
    };
    const jwtLoad = { ask: await loadWith(jwt), what: "JWT seen before", others: isBrief ? [] : OTHERS };
    const loads = isBrief
      ? [jwtLoad]
      : [jwtLoad, { ask: await loadWith(key), what: "cached API key", others: [] }];
    const groupsOf = (label: string, origin: string): Group[] =>
      loads.map(({ ask, what, others }) => {
        const line = (path: string, label: string): Line => ({ label, measure: () => ask(origin + path) });
        return {
          label: `${label}: ${what}`,
          unit: "/s",
          own: line("/authenticate", "authenticate()"),
          others: [line(...BARE), ...others.map((other) => line(...other))],
          ...(label === NODE && { goal: 0.8 }),
        };
      });
    const groups: Group[] = [];
    for (const runtime of isBrief ? runtimes.slice(0, 1) : runtimes) {
      const server = await startProgram(runtime, "server", { args: [file] });
      resources.defer(() => server.close());
      const label = runtime.family === "node" ? NODE : runtime.label;
      groups.push(...groupsOf(label, `http://127.0.0.1:${await server.ask<number>("port")}`));
    }
    return isBrief ? groups : [...groups, ...groupsOf("workerd", await startWorker(bench, file))];
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
