import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "@std/testing/bdd";
import { cliAuth, handle } from "@clerk/cli-auth/server";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { NO_KEYCHAIN } from "../harness/keychain_program.ts";
import { canRunOn, commandOf, type ProgramRuntime } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { startDeployment } from "../server_platforms/support/deployment.ts";
import { assertServesIdentities } from "../server_platforms/support/deployment_contract.ts";
import { createGuideProject, type GuideProject, type Placeholders } from "./guides/guide_project.ts";
import { runToEnd, startUntil } from "./guides/programs.ts";

/** The command-line tools that documents show, by the runtimes that they say they are for. */
const TOOLS: readonly [document: string, file: string, runtimes: ProgramRuntime[]][] = [
  ["README.md", "cli.js", ["deno", "node", "bun"]],
  ["docs/deno_cli.md", "cli.ts", ["deno"]],
  ["docs/node_and_bun_cli.md", "cli.js", ["node", "bun"]],
];

const RUNTIMES = ["deno", "node", "bun"] as const;
const NEEDED = canRunOn("node");

describe("what a reader of the documents copies", () => {
  let projects: Record<ProgramRuntime, GuideProject>;
  let emulator: Emulator;
  let placeholders: Placeholders;
  let home: TemporaryFolder;
  let servers: { close(): Promise<void> }[];
  let env: Record<string, string | undefined>;

  beforeAll(async () => {
    if (NEEDED.missing !== undefined) return;
    const [deno, node, bun] = await Promise.all(RUNTIMES.map(createGuideProject));
    assert(deno && node && bun);
    projects = { deno, node, bun };
    emulator = createEmulator();
    const listening = await emulator.listen();
    const { clientId } = emulator.application;
    const backend = serve(handle({
      auth: cliAuth({
        clientConfig: {
          secretKey: emulator.secretKey,
          apiUrl: listening.issuer,
          telemetry: { disabled: true },
        },
        clientIds: [clientId],
      }),
    }));
    servers = [listening, backend];
    placeholders = { clientId, issuer: listening.issuer, api: backend.origin };
  });
  afterAll(async () => {
    if (NEEDED.missing !== undefined) return;
    await Promise.all(servers.map((server) => server.close()));
    await Promise.all(Object.values(projects).map((project) => project.remove()));
  });

  beforeEach(async () => {
    home = await makeTemporaryFolder();
    env = { ...NO_KEYCHAIN, CI: undefined, NOTES_TOKEN: undefined, XDG_CONFIG_HOME: home.path };
  });
  afterEach(() => home.remove());

  /** Signs in with a tool, calls the backend, and signs out. */
  async function useTool(command: string[], surroundings: Parameters<typeof runToEnd>[1]): Promise<void> {
    const login = await runToEnd([...command, "login"], surroundings);
    assertEquals(login.code, 0, login.stderr);
    assertStringIncludes(login.stderr, "Signed in as Ada Lovelace (ada@example.com)");
    const call = await runToEnd(command, surroundings);
    assertEquals([call.code, call.stdout.includes('"sub":"user_')], [0, true], call.stderr + call.stdout);
    assertEquals((await runToEnd([...command, "logout"], surroundings)).code, 0);
    assertEquals((await runToEnd(command, surroundings)).code, 1);
  }

  async function backendCommand(runtime: ProgramRuntime): Promise<[string, ...string[]]> {
    const { write } = projects[runtime];
    const command = await write("README.md", "backend.js", placeholders);
    if (runtime === "deno") return asServer(command);
    return runtime === "node" ? await write("README.md", "server.js", placeholders) : command;
  }

  for (const [document, file, runtimes] of TOOLS) {
    for (const runtime of runtimes) {
      itWith(NEEDED, `signs in with ${file} of ${document} on ${runtime}`, async () => {
        const { folder, write } = projects[runtime];
        const browser = commandOf("scripted_browser", { runtime: "deno", permissions: ["-A"] });
        await useTool(await write(document, file, placeholders), {
          cwd: folder,
          env: { ...env, BROWSER: [...browser, "ada@example.com"].join(" ") },
        });
      });
    }
  }

  for (const runtime of RUNTIMES) {
    itWith(NEEDED, `serves identities with the backend of README.md on ${runtime}`, async () => {
      const deployment = await startDeployment({
        command: await backendCommand(runtime),
        cwd: projects[runtime].folder,
        env: { CLERK_SECRET_KEY: emulator.secretKey, CLERK_API_URL: placeholders.issuer },
      });
      try {
        // The file says `/me`, the contract asks `/api/me`.
        const atMe = (request: Request) => fetch(request.url.replace("/api/me", "/me"), request);
        await assertServesIdentities(atMe, { emulator, origin: deployment.origin });
      } finally {
        await deployment.stop();
      }
    });
  }

  for (const runtime of RUNTIMES) {
    itWith(NEEDED, `signs in by the emulator of the guide to testing on ${runtime}`, async () => {
      const { folder, write } = projects[runtime];
      const guide = "docs/testing_with_the_emulator.md";
      const running = await startUntil(await write(guide, "emulator.js", placeholders), {
        cwd: folder,
        env,
        pattern: /CLERK_API_URL=\S+\n/,
      });
      try {
        const [, issuer = "", clientId = ""] = /issuer: (\S+), client id: (\S+)\n/.exec(running.output) ?? [];
        const browser = await write(guide, "browser.js", placeholders);
        const tool = await write("README.md", "cli.js", { ...placeholders, issuer, clientId });
        const surroundings = { cwd: folder, env: { ...env, BROWSER: browser.join(" ") } };
        const { code, stderr } = await runToEnd([...tool, "login"], surroundings);
        assertEquals(code, 0, stderr);
        assertEquals((await runToEnd([...tool, "whoami"], surroundings)).stdout, "ada@example.com\n");
      } finally {
        await running.stop();
      }
    });
  }
});

function serve(handler: (request: Request) => Promise<Response>): { origin: string; close(): Promise<void> } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  return { origin: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}

/** The command of the README: `deno serve` with two permissions, which says where it listens. */
function asServer(command: [string, ...string[]]): [string, ...string[]] {
  const [deno, , ...args] = command;
  const options = args.slice(0, -1).filter((arg) => arg !== "-A" && arg !== "--quiet");
  return [
    deno,
    "serve",
    "--no-prompt",
    "--host=127.0.0.1",
    "--port=0",
    "--allow-net",
    "--allow-env",
    ...options,
    ...args.slice(-1),
  ];
}
