import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { join } from "node:path";
import process from "node:process";
import { canRunOn, OWN_RUNTIME, type ProgramRuntime } from "../harness/program.ts";
import { rawRequest } from "../harness/raw_request.ts";
import { itWith } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { startDeployment } from "./support/deployment.ts";
import { assertServesIdentities } from "./support/deployment_contract.ts";
import { examplePath } from "./support/example_path.ts";
import { createProject, type Project } from "./support/project.ts";

/** How an example is started, by the runtime that it is for. */
interface Example {
  runtime: ProgramRuntime;
  /** Its folder in a project where the package is installed; without one it runs where it stands. */
  folder?: string;
  command: [string, ...string[]];
}

const setup = readSetup();
const bun = setup?.bun ?? "bun";

const EXAMPLES: Record<string, Example> = {
  "Deno Deploy, with no permission but net and env": {
    runtime: "deno",
    command: [
      setup?.deno ?? process.execPath,
      "serve",
      "--no-prompt",
      "--no-lock",
      "-c",
      setup?.denoConfig ?? examplePath("../../deno.npm.json"),
      "--allow-net",
      "--allow-env",
      "--host=127.0.0.1",
      "--port=0",
      examplePath("deno/main.ts"),
    ],
  },
  "Node": { runtime: "node", folder: "node", command: ["node", "server.js"] },
  "Express": { runtime: "node", folder: "express", command: ["node", "server.js"] },
  "Bun": { runtime: "bun", folder: "bun", command: [bun, "server.ts"] },
  "Hono": { runtime: "bun", folder: "hono", command: [bun, "app.js"] },
};

const PACKAGES: Record<ProgramRuntime, string[]> = {
  deno: [],
  node: ["@clerk/backend", "@hono/node-server", "express"],
  bun: ["@clerk/backend", "hono"],
};

// Each runtime starts its own.
const own = Object.entries(EXAMPLES).filter(([, { runtime }]) => runtime === OWN_RUNTIME);
const folders = own.flatMap(([, { folder }]) => folder === undefined ? [] : [folder]);

describe("the deploy entry for", () => {
  let emulator: Emulator;
  let listening: ListeningEmulator;
  let project: Project | undefined;

  beforeAll(async () => {
    emulator = createEmulator();
    listening = await emulator.listen();
    if (setup && folders.length > 0) {
      project = await createProject({ examples: folders, packages: PACKAGES[OWN_RUNTIME] });
    }
  });
  afterAll(async () => {
    await project?.remove();
    await listening.close();
  });

  for (const [name, { runtime, folder, command }] of own) {
    itWith(canRunOn(runtime), `${name} serves identities`, async () => {
      const deployment = await startDeployment({
        command,
        ...(project && folder !== undefined && { cwd: join(project.folder, folder) }),
        env: {
          CLERK_SECRET_KEY: emulator.secretKey,
          CLERK_API_URL: listening.url,
          CLERK_OAUTH_CLIENT_ID: emulator.application.clientId,
        },
      });
      try {
        await assertServesIdentities(fetch, { emulator, origin: deployment.origin });
        const port = Number(new URL(deployment.origin).port);
        const { status } = await rawRequest({ port, target: "/api/me", headers: { host: "a b" } });
        // Hono finds nothing at such an address.
        assertEquals(status, name === "Hono" ? 404 : 400, "a Host that is none");
        const { secret } = emulator.createApiKey();
        const headers = { authorization: `Bearer ${secret}`, Authorization: "Bearer ak_another" };
        const twice = await rawRequest({ port, target: "/api/me", headers });
        assertEquals(twice.status, 400, "two Authorization headers");
      } finally {
        await deployment.stop();
      }
    });
  }
});
