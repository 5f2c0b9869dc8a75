import { assertEquals, assertStringIncludes } from "@std/assert";
import { cliAuth, handle } from "@clerk/cli-auth/server";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { NO_KEYCHAIN } from "../../harness/keychain_program.ts";
import { commandOf, type ProgramRuntime, QUICKEST_RUNTIME } from "../../harness/program.ts";
import { makeTemporaryFolder } from "../../harness/temporary_folder.ts";
import { startDeployment } from "../../server_platforms/support/deployment.ts";
import { assertServesIdentities } from "../../server_platforms/support/deployment_contract.ts";
import type { GuideProject, Placeholders } from "./guide_project.ts";
import { runToEnd } from "./programs.ts";

/** What a reader has besides the package: an issuer and a backend. */
export interface Surroundings {
  emulator: Emulator;
  placeholders: Placeholders;
  close(): Promise<void>;
}

/** Starts the emulator, and a backend that trusts it. */
export async function startSurroundings(): Promise<Surroundings> {
  const emulator = createEmulator();
  const { issuer, close } = await emulator.listen();
  const { clientId } = emulator.application;
  const clientConfig = { secretKey: emulator.secretKey, apiUrl: issuer, telemetry: { disabled: true } };
  const answer = handle({ auth: cliAuth({ clientConfig, clientIds: [clientId] }) });
  const backend = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return {
    emulator,
    placeholders: { clientId, issuer, api: `http://127.0.0.1:${backend.addr.port}` },
    close: async () => void await Promise.all([close(), backend.shutdown()]),
  };
}

/** Runs a task with the environment of a user without a keychain, and without credentials yet. */
export async function withNewHome(
  task: (env: Record<string, string | undefined>) => Promise<void>,
): Promise<void> {
  const home = await makeTemporaryFolder();
  try {
    await task({ ...NO_KEYCHAIN, CI: undefined, NOTES_TOKEN: undefined, XDG_CONFIG_HOME: home.path });
  } finally {
    await home.remove();
  }
}

/** Signs in with a document's tool, calls the backend, and signs out. */
export async function useTool(
  { folder, env: own, write }: Omit<GuideProject, "remove">,
  { document, file, placeholders }: { document: string; file: string; placeholders: Placeholders },
): Promise<void> {
  const tool = await write(document, file, placeholders);
  const browser = [
    ...commandOf("scripted_browser", { runtime: QUICKEST_RUNTIME, permissions: ["-A"] }),
    "ada@example.com",
  ];
  await withNewHome(async (env) => {
    const run = (...args: string[]) =>
      runToEnd([...tool, ...args], { cwd: folder, env: { ...env, ...own, BROWSER: browser.join(" ") } });
    const login = await run("login");
    assertEquals(login.code, 0, login.stderr);
    assertStringIncludes(login.stderr, "Signed in as Ada Lovelace (ada@example.com)");
    const call = await run();
    assertEquals([call.code, call.stdout.includes('"sub":"user_')], [0, true], call.stderr + call.stdout);
    assertEquals((await run("logout")).code, 0);
    assertEquals((await run()).code, 1, "nobody is signed in");
    const refused = await runToEnd(tool, { cwd: folder, env: { ...env, ...own, NOTES_TOKEN: "ak_unknown" } });
    assertEquals([refused.code, refused.stdout.includes("not_authenticated")], [1, true], refused.stderr);
  });
}

/** Starts the README's backend, and checks that it returns identities. */
export async function useBackend(
  { folder, env: own, write }: Omit<GuideProject, "remove">,
  { runtime, emulator, placeholders }: { runtime: ProgramRuntime } & Surroundings,
): Promise<void> {
  const backend = await write("README.md", "backend.js", placeholders);
  const command = runtime === "node" ? await write("README.md", "server.js", placeholders) : backend;
  const deployment = await startDeployment({
    command: runtime === "deno" ? asServer(command) : command,
    cwd: folder,
    env: { CLERK_SECRET_KEY: emulator.secretKey, CLERK_API_URL: placeholders.issuer, ...own },
  });
  try {
    // The file says `/me`, the contract asks `/api/me`.
    const atMe = (request: Request) => fetch(request.url.replace("/api/me", "/me"), request);
    await assertServesIdentities(atMe, { emulator, origin: deployment.origin });
  } finally {
    await deployment.stop();
  }
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
