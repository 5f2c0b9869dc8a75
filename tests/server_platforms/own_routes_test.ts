import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "npm:esbuild@0.28.1";
import { Miniflare, Response as WorkerResponse } from "npm:miniflare@4.20260730.0";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { rawRequest } from "../harness/raw_request.ts";
import { itWith } from "../harness/requirement.ts";
import { type Deployment, startDeployment } from "./support/deployment.ts";
import { examplePath } from "./support/example_path.ts";
import { createProject, type Project } from "./support/project.ts";
import { bundleWorker } from "./support/worker_bundle.ts";

const NODE = canRunOn("node");

/** The route of a guide: a code block, and how it is served. */
interface Guide {
  path: string;
  /** What the block contains, and no other of the guide. */
  mark: string;
  /** What is put in place of text in it. */
  replace?: readonly [text: string, by: string];
  /** What is put behind it. */
  serve?: string;
  target: string;
  /** Without scopes, any valid credential gets through. */
  hasScopes?: boolean;
  created?: number;
}

const SAY = (port: string) => `console.log(\`Listening on http://127.0.0.1:\${${port}}/\`)`;
const SERVE = (fetch: string) =>
  `import { serve } from "@hono/node-server"; serve({ fetch: ${fetch}, port: 0 }, ({ port }) => ${
    SAY("port")
  });`;

const GUIDES: Record<string, Guide> = {
  "Express": {
    path: "express.md",
    mark: 'app.use("/notes"',
    replace: [
      "app.listen(3000);",
      `const server = app.listen(0, () => ${SAY("server.address().port")});`,
    ],
    target: "/notes",
  },
  "node:http": {
    path: "express.md",
    mark: "createServer(async",
    replace: [".listen(3000);", `.listen(0, function () { ${SAY("this.address().port")} });`],
    target: "/notes",
    hasScopes: false,
    created: 200,
  },
  "Hono": { path: "hono.md", mark: 'app.use("/notes/*"', serve: SERVE("app.fetch"), target: "/notes/new" },
  "Next.js": { path: "next.md", mark: "function POST", serve: SERVE("POST"), target: "/notes" },
};

/** A worker that holds no secret. */
const worker = ({ issuer, application }: Emulator) => `
import { cliAuth } from "@clerk/cli-auth/server";
const auth = cliAuth(${JSON.stringify({ jwtOnly: true, issuer, clientIds: [application.clientId] })});
export default {
  async fetch(request) {
    const result = await auth.authenticate(request, { scopes: ["email"] });
    if (!result.ok) return result.response;
    return Response.json({ by: result.identity.sub, note: await request.text() }, { status: 201 });
  },
};
`;

if (OWN_RUNTIME === "node") {
  describe("a route of your own, guarded by authenticate() of the built package", () => {
    let emulator: Emulator;
    let listening: ListeningEmulator;
    let project: Project | undefined;

    beforeAll(async () => {
      emulator = createEmulator();
      listening = await emulator.listen();
      if (NODE.missing !== undefined) return;
      const packages = ["@clerk/backend", "@hono/node-server", "express", "hono"];
      project = await createProject({ packages });
    });
    afterAll(async () => {
      await project?.remove();
      await listening.close();
    });

    for (const [platform, guide] of Object.entries(GUIDES)) {
      describe(`as the guide to ${platform} says`, () => {
        const { path, mark, replace: [text, by] = ["", ""], serve = "" } = guide;
        const { target, hasScopes = true, created = 201 } = guide;
        let deployment: Deployment | undefined;

        beforeAll(async () => {
          if (!project) return;
          const pages = await readFile(examplePath(`../../docs/${path}`), "utf8");
          const blocks = Array.from(
            pages.matchAll(/```[jt]s(?: ignore)?\n([^]*?)```/g),
            ([, code = ""]) => code,
          );
          const [block = ""] = blocks.filter((code) => code.includes(mark));
          assert(block.includes("auth.authenticate(") && block.includes(text), block);
          const program = block.replace("your-client-id", emulator.application.clientId).replace(text, by);
          const { code } = await transform(program + serve, { loader: "ts", format: "esm" });
          const file = `${path}-${mark.replaceAll(/\W/g, "")}.js`;
          await writeFile(join(project.folder, file), code);
          deployment = await startDeployment({
            command: ["node", file],
            cwd: project.folder,
            env: { CLERK_SECRET_KEY: emulator.secretKey, CLERK_API_URL: listening.url },
            ready: { path: target, status: 401 },
          });
        });
        afterAll(() => deployment?.stop());

        async function ask(headers: Record<string, string>) {
          const port = Number(new URL(deployment!.origin).port);
          return await rawRequest({ port, method: "POST", target, headers });
        }

        itWith(NODE, "lets a valid credential with the scope through, and nobody else", async () => {
          const good = emulator.createApiKey({ scopes: ["notes:write"] }).secret;
          const { status, body } = await ask({ authorization: `Bearer ${good}` });
          assertEquals(status, created);
          assertStringIncludes(body, emulator.user.id);
          const { secret } = emulator.createApiKey();
          assertEquals((await ask({ authorization: `Bearer ${secret}` })).status, hasScopes ? 403 : created);
          assertEquals((await ask({})).status, 401);
          const unknown = await ask({ authorization: "Bearer ak_unknown" });
          assertEquals(unknown.status, 401);
          assertStringIncludes(unknown.headers["www-authenticate"] ?? "", 'error="invalid_token"');
        });

        itWith(NODE, "refuses a second Authorization header", async () => {
          const good = emulator.createApiKey({ scopes: ["notes:write"] }).secret;
          const headers = { authorization: `Bearer ${good}`, Authorization: "Bearer ak_another" };
          assertEquals((await ask(headers)).status, 400);
        });
      });
    }

    describe("in a worker without a secret key", () => {
      let miniflare: Miniflare | undefined;

      beforeAll(async () => {
        if (!project) return;
        const folder = join(project.folder, "workers");
        await mkdir(folder);
        await writeFile(join(folder, "worker.ts"), worker(emulator));
        miniflare = new Miniflare({
          modules: [{ type: "ESModule", path: "worker.js", contents: await bundleWorker(folder, {}) }],
          compatibilityDate: "2026-07-01",
          outboundService: async ({ url }: Request) => {
            const { status, headers, body } = await emulator.fetch(new Request(url));
            return new WorkerResponse(await new Response(body).text(), { status, headers: [...headers] });
          },
        });
      });
      afterAll(async () => {
        await miniflare?.dispose();
      });

      itWith(NODE, "lets a JWT with the scope through, and nobody else", async () => {
        const statusOf = async (token: string) => {
          const init = { method: "POST", body: "a note", headers: { authorization: `Bearer ${token}` } };
          const response = await miniflare!.dispatchFetch("https://worker.example.com/notes", init);
          await response.text();
          return response.status;
        };
        const jwt = { format: "jwt" } as const;
        const { accessToken } = await emulator.issueTokens(jwt);
        assertEquals(await statusOf(accessToken), 201);
        const { accessToken: lesser } = await emulator.issueTokens({ ...jwt, scopes: ["profile"] });
        assertEquals(await statusOf(lesser), 403);
        assertEquals(await statusOf(emulator.createApiKey().secret), 401);
      });
    });
  });
}
