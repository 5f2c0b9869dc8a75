import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { createEmulator } from "@clerk/cli-auth/testing";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { canRunOn } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";
import { type Deployment, startDeployment } from "../server_platforms/support/deployment.ts";
import { examplePath } from "../server_platforms/support/example_path.ts";

const setup = readSetup();

describe("the backend of notes, as `deno serve` runs it", () => {
  itWith(canRunOn("deno"), "keeps the notes of each account in Deno KV, over a restart", async () => {
    const emulator = createEmulator();
    const listening = await emulator.listen();
    const folder = await makeTemporaryFolder();
    const ada = emulator.createApiKey({ subject: emulator.user }).secret;
    const bob = emulator.createApiKey({ subject: emulator.createUser({ email: "bob@example.com" }) }).secret;

    const serve = () =>
      startDeployment({
        command: serveCommand(folder.path),
        ready: { path: "/me", status: 401 },
        env: {
          CLERK_SECRET_KEY: emulator.secretKey,
          CLERK_API_URL: listening.url,
          CLERK_OAUTH_CLIENT_ID: emulator.application.clientId,
          DENO_KV_DEFAULT_PATH: join(folder.path, "notes.sqlite"),
        },
      });
    let backend: Deployment | undefined;
    try {
      backend = await serve();
      assertEquals((await ask(backend.origin, ada, "Buy milk")).status, 201);
      assertEquals(await (await ask(backend.origin, ada)).json(), ["Buy milk"]);
      await backend.stop();
      backend = await serve();
      assertEquals(await (await ask(backend.origin, ada)).json(), ["Buy milk"]);
      assertEquals(await (await ask(backend.origin, bob)).json(), []);
      assertEquals((await ask(backend.origin, "ak_unknown")).status, 401);
    } finally {
      await backend?.stop();
      await listening.close();
      await folder.remove();
    }
  });
});

/** Lists the notes of an account, or adds one. */
function ask(origin: string, token: string, note?: string): Promise<Response> {
  const method = note === undefined ? {} : { method: "POST", body: note };
  return fetch(`${origin}/notes`, { headers: { authorization: `Bearer ${token}` }, ...method });
}

function serveCommand(folder: string): [string, ...string[]] {
  return [
    setup?.deno ?? process.execPath,
    "serve",
    "--unstable-kv",
    "--no-prompt",
    "--no-lock",
    "-c",
    setup?.denoConfig ?? fileURLToPath(new URL("../../deno.npm.json", import.meta.url)),
    "--allow-net",
    "--allow-env",
    `--allow-read=${folder}`,
    `--allow-write=${folder}`,
    "--host=127.0.0.1",
    "--port=0",
    examplePath("../notes/backend.ts"),
  ];
}
