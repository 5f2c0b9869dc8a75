import { assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { cliAuth } from "@clerk/cli-auth/server";
import { createEmulator, type Emulator, type ListeningEmulator } from "@clerk/cli-auth/testing";
import { fileURLToPath } from "node:url";
import { notesBackend } from "../../examples/notes/backend.ts";
import { ROOT } from "../../scripts/deno_config.ts";
import { codeBlocksOf, readDocument } from "../../scripts/markdown.ts";
import { KEYCHAIN_PROGRAMS } from "../harness/keychain_program.ts";
import { type Keyring, startKeyring } from "../harness/keyring.ts";
import { canRunOn, commandOf, QUICKEST_RUNTIME } from "../harness/program.ts";
import { itWith, type Requirement } from "../harness/requirement.ts";
import { readSetup } from "../harness/setup.ts";
import { createProject, type Project } from "../server_platforms/support/project.ts";
import { type Ended, runToEnd } from "./guides/programs.ts";
import { shellCommandsIn } from "./shell_commands.ts";

const NEEDED: Requirement = { missing: KEYCHAIN_PROGRAMS.missing ?? canRunOn("bun").missing };

describe("examples/notes, compiled by Bun as the guide says", () => {
  let emulator: Emulator;
  let listening: ListeningEmulator;
  let backend: Deno.HttpServer<Deno.NetAddr>;
  let keyring: Keyring;
  let project: Project;

  beforeAll(async () => {
    if (NEEDED.missing !== undefined) return;
    emulator = createEmulator();
    listening = await emulator.listen();
    backend = startBackend(emulator, listening.issuer);
    keyring = await startKeyring();
    project = await createProject({});
    await compile(project.folder);
  });
  afterAll(async () => {
    if (NEEDED.missing !== undefined) return;
    await Promise.all([listening.close(), backend.shutdown(), keyring.close(), project.remove()]);
  });

  /** Runs the executable in a directory with a stranger's `.env`. */
  async function notes(args: string[], env: Record<string, undefined> = {}): Promise<Ended> {
    const cwd = `${project.folder}/foreign`;
    await Deno.mkdir(cwd, { recursive: true });
    await Deno.writeTextFile(`${cwd}/.env`, "NOTES_TOKEN=ak_foreign\nNOTES_ISSUER=https://foreign.example\n");
    const browser = commandOf("scripted_browser", { runtime: QUICKEST_RUNTIME, permissions: ["-A"] });
    return await runToEnd([`${project.folder}/notes`, ...args], {
      cwd,
      env: {
        ...keyring.env,
        NOTES_CLIENT_ID: emulator.application.clientId,
        NOTES_ISSUER: listening.issuer,
        NOTES_API: `http://127.0.0.1:${backend.addr.port}`,
        XDG_CONFIG_HOME: `${project.folder}/config`,
        TMPDIR: project.folder, // Where Bun puts the native binding.
        BROWSER: [...browser, "ada@example.com"].join(" "),
        NOTES_TOKEN: undefined,
        CI: undefined,
        ...env,
      },
    });
  }

  itWith(NEEDED, "signs in, with the key in the keychain", async () => {
    const login = await notes(["login"]);
    assertEquals([login.code, login.stdout], [0, ""], login.stderr);
    assertStringIncludes(login.stderr, "Signed in as Ada Lovelace (ada@example.com)");

    const { credential, storage } = JSON.parse((await notes(["status", "--json"])).stdout);
    assertEquals([credential.source, storage.protection], ["oauth", "keychain"]);
    const username = `${emulator.application.clientId}@default`;
    assertMatch(await keyring.lookUp("clerk-cli-auth", username), /^v1\.[0-9a-f]{16}\.[\w-]{43}$/);
    assertNotMatch(await Deno.readTextFile(storage.location), /eyJ/);

    assertEquals((await notes(["add", "Buy milk"])).code, 0);
    assertEquals((await notes(["list"])).stdout, "- Buy milk\n");
    assertEquals((await notes(["logout"])).code, 0);
    assertEquals((await notes(["list"])).code, 1);
  });

  itWith(NEEDED, "ignores any `.env` in the directory where it starts", async () => {
    const { stdout } = await notes(["status", "--json"], { NOTES_ISSUER: undefined });
    assertEquals(JSON.parse(stdout).issuer, "https://your-app.clerk.accounts.dev");
  });
});

/** Compiles with the guide's command. */
async function compile(folder: string): Promise<void> {
  for (const file of ["main.ts", "cli.ts"]) {
    await Deno.copyFile(fileURLToPath(new URL(`examples/notes/${file}`, ROOT)), `${folder}/${file}`);
  }
  const blocks = codeBlocksOf(await readDocument("docs/compiled_binaries.md"));
  const build = blocks.flatMap(({ code }) => shellCommandsIn(code))
    .find(({ program, args }) => program === "bun" && args[0] === "build");
  const args = build?.args.map((arg) => arg === "cli.js" ? "main.ts" : arg) ?? [];
  const { code, stderr } = await runToEnd([readSetup()?.bun ?? "", ...args], { cwd: folder, env: {} });
  assertEquals(code, 0, stderr);
}

function startBackend(
  { secretKey, application }: Emulator,
  issuer: string,
): Deno.HttpServer<Deno.NetAddr> {
  const { fetch } = notesBackend(cliAuth({
    clientConfig: { secretKey, apiUrl: issuer, telemetry: { disabled: true } },
    clientIds: [application.clientId],
  }));
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => fetch(request));
}
