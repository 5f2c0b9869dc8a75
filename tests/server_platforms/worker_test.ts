import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { Miniflare } from "npm:miniflare@4.20260730.0";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { assertServesIdentities } from "./support/deployment_contract.ts";
import { createProject } from "./support/project.ts";
import { bundleWorker } from "./support/worker_bundle.ts";

/** What the test reads of a namespace. */
interface KvNamespace {
  list(): Promise<{ keys: { name: string }[] }>;
  get(name: string): Promise<string | null>;
}

const NODE_ENV = { "process.env.NODE_ENV": '"production"' };
const MODES: Record<string, { flags: string[]; define: Record<string, string> }> = {
  "without nodejs_compat": { flags: [], define: NODE_ENV },
  "with nodejs_compat": { flags: ["nodejs_compat"], define: {} },
};

// The tools for Workers run on Node.
if (OWN_RUNTIME === "node") {
  for (const [mode, { flags, define }] of Object.entries(MODES)) {
    describe(`the deploy entry for Cloudflare Workers, ${mode}`, () => {
      let emulator: Emulator;
      let listening: ListeningEmulator;
      let worker: Miniflare | undefined;

      beforeAll(async () => {
        emulator = createEmulator();
        listening = await emulator.listen();
        if (canRunOn("node").missing !== undefined) return;
        const project = await createProject({ example: "workers", packages: ["@clerk/backend"] });
        worker = new Miniflare({
          modules: true,
          script: await bundleWorker(project.folder, define),
          compatibilityDate: "2026-07-01",
          compatibilityFlags: flags,
          kvNamespaces: ["TOKENS"],
          bindings: {
            CLERK_SECRET_KEY: emulator.secretKey,
            CLERK_API_URL: listening.url,
            CLERK_OAUTH_CLIENT_ID: emulator.application.clientId,
          },
        });
        await project.remove();
      });
      afterAll(async () => {
        await worker?.dispose();
        await listening.close();
      });

      async function ask(request: Request): Promise<Response> {
        assert(worker);
        const { method, url, headers, signal } = request;
        const answer = await worker.dispatchFetch(url, {
          method,
          headers: Object.fromEntries(headers),
          signal,
        });
        return new Response(await answer.text(), { status: answer.status, headers: [...answer.headers] });
      }

      itWith(canRunOn("node"), "serves identities", async () => {
        await assertServesIdentities(ask, { emulator, origin: "https://worker.example.com" });
        assertEquals((await ask(new Request("https://worker.example.com/health"))).status, 200);
      });

      const requestWith = (token: string, signal?: AbortSignal) =>
        new Request("https://worker.example.com/api/me", {
          headers: { authorization: `Bearer ${token}` },
          ...(signal && { signal }),
        });

      itWith(canRunOn("node"), "keeps verified tokens in Workers KV, sealed", async () => {
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

      itWith(
        canRunOn("node"),
        "shares one verification between requests, and outlives the one that began it",
        async () => {
          const { secret } = emulator.createApiKey();
          const calls = () =>
            emulator.requests.filter(({ endpoint }) => endpoint === "verify_api_key").length;
          emulator.faults.add({ endpoint: "verify_api_key", delayMs: 400 });
          const before = calls();
          const together = await Promise.all(Array.from({ length: 10 }, () => ask(requestWith(secret))));
          assertEquals([
            together.map(({ status }) => status).every((status) => status === 200),
            calls() - before,
          ], [true, 1]);

          const other = emulator.createApiKey().secret;
          emulator.faults.add({ endpoint: "verify_api_key", delayMs: 600 });
          const leaving = new AbortController();
          const first = ask(requestWith(other, leaving.signal)).catch(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, 100));
          const second = ask(requestWith(other));
          await new Promise((resolve) => setTimeout(resolve, 100));
          leaving.abort();
          await first;
          assertEquals((await second).status, 200);
          assertEquals((await ask(requestWith(other))).status, 200);
        },
      );
    });
  }
}
