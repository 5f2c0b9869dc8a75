import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { join } from "node:path";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { Miniflare, Response as WorkerResponse } from "npm:miniflare@4.20260730.0";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { deferred } from "../server/support/deferred.ts";
import { assertServesIdentities } from "./support/deployment_contract.ts";
import { createProject, type Project } from "./support/project.ts";
import { bundleWorker } from "./support/worker_bundle.ts";

/** What the test reads of a namespace. */
interface KvNamespace {
  list(): Promise<{ keys: { name: string }[] }>;
  get(name: string): Promise<string | null>;
}

const ORIGIN = "https://worker.example.com";
const NODE_ENV = { "process.env.NODE_ENV": '"production"' };
const MODES: Record<string, { flags: string[]; define: Record<string, string> }> = {
  "without nodejs_compat": { flags: [], define: NODE_ENV },
  "with nodejs_compat": { flags: ["nodejs_compat"], define: {} },
};

/** The worker, which tells the test of each request when it has done all that it can without waiting. */
const ENTRY = `
import worker from "./worker.js";
export default {
  fetch(request, env, context) {
    const answer = worker.fetch(request, env, context);
    context.waitUntil(env.ARRIVED.fetch(request.url));
    return answer;
  },
};
`;

/** The runtime that the tools for Workers run on. */
const NODE = canRunOn("node");

if (OWN_RUNTIME === "node") {
  describe("the deploy entry for Cloudflare Workers", () => {
    let project: Project | undefined;
    beforeAll(async () => {
      const options = { examples: ["workers"], packages: ["@clerk/backend"] };
      if (NODE.missing === undefined) project = await createProject(options);
    });
    afterAll(async () => {
      await project?.remove();
    });

    for (const [mode, { flags, define }] of Object.entries(MODES)) {
      describe(mode, () => {
        let emulator: Emulator;
        let worker: Miniflare | undefined;
        /** What the calls to Clerk wait for. */
        let gate: Promise<void> | undefined;
        let onArrival = () => {};

        beforeAll(async () => {
          emulator = createEmulator();
          worker = project && new Miniflare({
            modules: [
              { type: "ESModule", path: "entry.js", contents: ENTRY },
              {
                type: "ESModule",
                path: "worker.js",
                contents: await bundleWorker(join(project.folder, "workers"), define),
              },
            ],
            compatibilityDate: "2026-07-01",
            compatibilityFlags: flags,
            kvNamespaces: ["TOKENS"],
            serviceBindings: {
              ARRIVED: () => {
                onArrival();
                return new WorkerResponse();
              },
            },
            outboundService: async ({ url, method, headers, body }: Request) => {
              await gate;
              const init = { method, headers: [...headers], body, duplex: "half" } as RequestInit;
              return workerResponse(await emulator.fetch(new Request(url, init)));
            },
            bindings: {
              CLERK_SECRET_KEY: emulator.secretKey,
              CLERK_API_URL: emulator.issuer,
              CLERK_OAUTH_CLIENT_ID: emulator.application.clientId,
            },
          });
        });
        afterAll(async () => {
          await worker?.dispose();
        });

        async function ask(request: Request): Promise<Response> {
          assert(worker);
          const { method, url, headers, signal } = request;
          const init = { method, headers: Object.fromEntries(headers), signal };
          const answer = await worker.dispatchFetch(url, init);
          return new Response(await answer.text(), { status: answer.status, headers: [...answer.headers] });
        }

        /** Holds Clerk's answers back until the returned function is called. */
        function holdClerk(): () => void {
          const { promise, resolve } = deferred<void>();
          gate = promise;
          return resolve;
        }

        /** Resolves when so many requests more have come. */
        function arrivals(count: number): Promise<void> {
          return new Promise((resolve) => {
            onArrival = () => --count === 0 && resolve();
          });
        }

        itWith(NODE, "serves identities", async () => {
          await assertServesIdentities(ask, { emulator, origin: ORIGIN });
          assertEquals((await ask(new Request(`${ORIGIN}/health`))).status, 200);
        });

        itWith(NODE, "keeps verified tokens in Workers KV, sealed", async () => {
          assert(worker);
          const { secret } = emulator.createApiKey();
          assertEquals((await ask(requestWith(secret))).status, 200);
          const namespace = await worker.getKVNamespace("TOKENS") as unknown as KvNamespace;
          const { keys } = await namespace.list();
          assert(keys.length > 0);
          for (const { name } of keys) {
            const seen = name + await namespace.get(name);
            assert(!seen.includes(secret) && !seen.includes(emulator.user.id), seen);
          }
        });

        itWith(NODE, "shares one verification between requests", async () => {
          const { secret } = emulator.createApiKey();
          const calls = () =>
            emulator.requests.filter(({ endpoint }) => endpoint === "verify_api_key").length;
          const release = holdClerk();
          const before = calls();
          const arrived = arrivals(10);
          const asked = Array.from({ length: 10 }, () => ask(requestWith(secret)));
          await arrived;
          release();
          const responses = await Promise.all(asked);
          assertEquals(responses.map(({ status }) => status), Array.from({ length: 10 }, () => 200));
          assertEquals(calls() - before, 1);
        });

        itWith(
          NODE,
          "responds to those who share a verification if the one that began it leaves",
          async () => {
            const { secret } = emulator.createApiKey();
            const release = holdClerk();
            const leaving = new AbortController();
            const firstArrived = arrivals(1);
            const first = ask(requestWith(secret, leaving.signal)).catch(() => undefined);
            await firstArrived;
            const secondArrived = arrivals(1);
            const second = ask(requestWith(secret));
            await secondArrived;
            leaving.abort();
            await first;
            release();
            assertEquals((await second).status, 200);
            assertEquals((await ask(requestWith(secret))).status, 200);
          },
        );
      });
    }
  });
}

/** Of Miniflare's own class, which knows no other. */
async function workerResponse(answer: Response): Promise<WorkerResponse> {
  return new WorkerResponse(await answer.text(), { status: answer.status, headers: [...answer.headers] });
}

function requestWith(token: string, signal?: AbortSignal): Request {
  const headers = { authorization: `Bearer ${token}` };
  return new Request(`${ORIGIN}/api/me`, { headers, ...(signal && { signal }) });
}
