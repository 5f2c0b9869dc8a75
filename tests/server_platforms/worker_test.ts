import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { join } from "node:path";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { Miniflare } from "npm:miniflare@4.20260730.0";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
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
        let listening: ListeningEmulator;
        let worker: Miniflare | undefined;

        beforeAll(async () => {
          emulator = createEmulator();
          listening = await emulator.listen();
          worker = project && new Miniflare({
            modules: true,
            script: await bundleWorker(join(project.folder, "workers"), define),
            compatibilityDate: "2026-07-01",
            compatibilityFlags: flags,
            kvNamespaces: ["TOKENS"],
            bindings: {
              CLERK_SECRET_KEY: emulator.secretKey,
              CLERK_API_URL: listening.url,
              CLERK_OAUTH_CLIENT_ID: emulator.application.clientId,
            },
          });
        });
        afterAll(async () => {
          await worker?.dispose();
          await listening.close();
        });

        async function ask(request: Request): Promise<Response> {
          assert(worker);
          const { method, url, headers, signal } = request;
          const init = { method, headers: Object.fromEntries(headers), signal };
          const answer = await worker.dispatchFetch(url, init);
          return new Response(await answer.text(), { status: answer.status, headers: [...answer.headers] });
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
          emulator.faults.add({ endpoint: "verify_api_key", delayMs: 400 });
          const before = calls();
          const responses = await Promise.all(Array.from({ length: 10 }, () => ask(requestWith(secret))));
          assertEquals(responses.map(({ status }) => status), Array.from({ length: 10 }, () => 200));
          assertEquals(calls() - before, 1);
        });

        itWith(NODE, "answers those who share a verification when the one that began it leaves", async () => {
          const { secret } = emulator.createApiKey();
          emulator.faults.add({ endpoint: "verify_api_key", delayMs: 600 });
          const leaving = new AbortController();
          const first = ask(requestWith(secret, leaving.signal)).catch(() => undefined);
          await pause();
          const second = ask(requestWith(secret));
          await pause();
          leaving.abort();
          await first;
          assertEquals((await second).status, 200);
          assertEquals((await ask(requestWith(secret))).status, 200);
        });
      });
    }
  });
}

function requestWith(token: string, signal?: AbortSignal): Request {
  const headers = { authorization: `Bearer ${token}` };
  return new Request(`${ORIGIN}/api/me`, { headers, ...(signal && { signal }) });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}
