import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import process from "node:process";
import { canRunOn, OWN_RUNTIME, type ProgramRuntime } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { startDeployment } from "./support/deployment.ts";
import { assertServesIdentities } from "./support/deployment_contract.ts";
import { examplePath } from "./support/example_path.ts";
import { createProject } from "./support/project.ts";

/** An example: in a project with these packages, or, without a list of them, where it stands. */
interface Example {
  runtime: ProgramRuntime;
  folder: string;
  packages?: string[];
  command: () => [string, ...string[]];
}

const setup = readSetup();

const EXAMPLES: Record<string, Example> = {
  "Deno Deploy, with no permission but net and env": {
    runtime: "deno",
    folder: "deno",
    command: () => [
      setup?.deno ?? process.execPath,
      "serve",
      "--no-prompt",
      "--quiet",
      "--no-lock",
      "-c",
      setup?.denoConfig ?? examplePath("../../deno.npm.json"),
      "--allow-net",
      "--allow-env",
      "--host=127.0.0.1",
      "--port=PORT",
      examplePath("deno/main.ts"),
    ],
  },
  "Node": {
    runtime: "node",
    folder: "node",
    packages: ["@hono/node-server"],
    command: () => ["node", "server.js"],
  },
  "Express": {
    runtime: "node",
    folder: "express",
    packages: ["@hono/node-server", "express"],
    command: () => ["node", "server.js"],
  },
  "Bun": { runtime: "bun", folder: "bun", packages: [], command: () => [setup?.bun ?? "bun", "server.ts"] },
  "Hono": {
    runtime: "bun",
    folder: "hono",
    packages: ["hono"],
    command: () => [setup?.bun ?? "bun", "app.js"],
  },
};

// Each runtime starts its own.
const own = Object.entries(EXAMPLES).filter(([, { runtime }]) => runtime === OWN_RUNTIME);

describe("the deploy entry for", () => {
  let emulator: Emulator;
  let listening: ListeningEmulator;
  beforeAll(async () => {
    emulator = createEmulator();
    listening = await emulator.listen();
  });
  afterAll(() => listening.close());

  for (const [name, { runtime, folder, packages, command }] of own) {
    itWith(canRunOn(runtime), `${name} serves identities`, async () => {
      const project = packages &&
        await createProject({ example: folder, packages: ["@clerk/backend", ...packages] });
      const deployment = await startDeployment({
        command: command(),
        ...(project && { cwd: project.folder }),
        env: {
          CLERK_SECRET_KEY: emulator.secretKey,
          CLERK_API_URL: listening.url,
          CLERK_OAUTH_CLIENT_ID: emulator.application.clientId,
        },
      });
      try {
        await assertServesIdentities(fetch, { emulator, origin: deployment.origin });
      } finally {
        await deployment.stop();
        await project?.remove();
      }
    });
  }
});
