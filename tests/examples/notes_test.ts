import { assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { cliAuth } from "@clerk/cli-auth/server";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { notesBackend } from "../../examples/notes/backend.ts";
import { loadRuntime } from "../doors/runtime.ts";
import { commandOf, type ProgramResult, QUICKEST_RUNTIME, runProgram } from "../harness/program.ts";
import { NO_KEYCHAIN } from "../harness/keychain_program.ts";
import { SECRET_SERVICE, startKeyring } from "../harness/keyring.ts";
import { itAtLength, itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { PSEUDO_TERMINAL, startInTerminal } from "../runtime/pseudo_terminal.ts";

/** What looks like a token. */
const TOKEN = /eyJ[\w-]+\.|oat_\w|ak_\w/;

describe("notes", () => {
  let emulator: Emulator;
  let servers: { close(): Promise<void> }[];
  let folder: TemporaryFolder;
  let env: Record<string, string | undefined>;

  beforeEach(async () => {
    emulator = createEmulator();
    const issuer = await emulator.listen();
    const backend = notesBackend(cliAuth({
      clientConfig: {
        secretKey: emulator.secretKey,
        apiUrl: issuer.issuer,
        telemetry: { disabled: true },
      },
      clientIds: [emulator.application.clientId],
    }));
    const api = await (await loadRuntime()).serveLoopback(backend.fetch, { port: 0 });
    servers = [issuer, api];
    folder = await makeTemporaryFolder();
    env = {
      NOTES_CLIENT_ID: emulator.application.clientId,
      NOTES_ISSUER: issuer.issuer,
      NOTES_API: `http://127.0.0.1:${api.port}`,
      NOTES_TOKEN: undefined,
      NOTES_PROFILE: undefined,
      XDG_CONFIG_HOME: folder.path,
      CI: undefined,
      BROWSER: browserOf("ada@example.com"),
    };
  });

  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await folder.remove();
  });

  /** A program for `BROWSER` that signs in. */
  function browserOf(email: string): string {
    const command = commandOf("scripted_browser", { runtime: QUICKEST_RUNTIME, permissions: ["-A"] });
    return [...command, email].join(" ");
  }

  function notes(line: string, more: Record<string, string | undefined> = {}): Promise<ProgramResult> {
    return runProgram("notes", {
      args: line.split(" ").filter(Boolean),
      env: { ...env, ...more },
      cwd: folder.path,
    });
  }

  it("signs in, keeps notes, and signs out", async () => {
    const login = await notes("login");
    assertEquals([login.code, login.stdout], [0, ""]);
    assertStringIncludes(login.stderr, "Signed in as Ada Lovelace (ada@example.com)");

    assertEquals((await notes("add Buy milk")).code, 0);
    assertEquals((await notes("add Read a book")).code, 0);
    assertEquals((await notes("list")).stdout, "- Buy milk\n- Read a book\n");
    assertEquals((await notes("whoami")).stdout, "ada@example.com\n");

    assertEquals((await notes("logout")).code, 0);
    const { code, stderr } = await notes("list");
    assertEquals([code, stderr], [1, "✗ You are not signed in.\nRun `notes login`, or set NOTES_TOKEN.\n"]);
  });

  it("keeps the notes of each account apart", async () => {
    emulator.createUser({ email: "bob@example.com", firstName: "Bob" });
    await notes("login");
    await notes("login --profile work", { BROWSER: browserOf("bob@example.com") });
    await notes("add Mine");
    assertEquals((await notes("list", { NOTES_PROFILE: "work" })).stdout, "");

    await writeFile(join(folder.path, ".notes-profile"), "work\n");
    const { stdout, stderr } = await notes("whoami");
    assertEquals([stdout, stderr.includes('Using profile "work"')], ["bob@example.com\n", true]);
  });

  it("uses an API key from the environment", async () => {
    const apiKey = emulator.createApiKey({ subject: emulator.user }).secret;
    const withKey = { NOTES_TOKEN: apiKey };
    assertEquals((await notes("add From a job", withKey)).code, 0);
    assertEquals((await notes("list", withKey)).stdout, "- From a job\n");
  });

  it("fails at once without a browser, a terminal and a token, as in a CI job", async () => {
    const { code, stdout, stderr } = await notes("login", { CI: "true", BROWSER: undefined });
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, "No browser can be opened here");
    assertStringIncludes(stderr, "Set NOTES_TOKEN to an API key");
  });

  it("writes its token to a pipe", async () => {
    await notes("login");
    const { code, stdout, stderr } = await notes("token");
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^eyJ\S+\n$/);
  });

  itWith(PSEUDO_TERMINAL, "shows no token on a terminal unless asked", async () => {
    let shown = "";
    for (const line of ["login", "status", "status --json", "token", "token --json", "logout"]) {
      shown += await startInTerminal("notes", { args: line.split(" "), env, cwd: folder.path }).ended;
    }
    assertEquals(TOKEN.exec(shown)?.[0], undefined);
    assertStringIncludes(shown, "Signed in as Ada Lovelace");
    assertStringIncludes(shown, "A token is like a password");
    assertEquals(shown.includes("\x1b[32m✓\x1b[0m"), process.env.NO_COLOR === undefined);
  });

  itWith(PSEUDO_TERMINAL, "hides a token that is pasted at a terminal", async () => {
    const apiKey = emulator.createApiKey({ subject: emulator.user }).secret;
    const session = startInTerminal("notes", { args: ["login", "--with-token"], env, cwd: folder.path });
    await session.waitFor("press Enter:");
    await session.untilHidden();
    session.type(`${apiKey}\r`);
    const shown = await session.ended;
    assertStringIncludes(shown, "Signed in as");
    assertStringIncludes(shown, "[restored]");
    assertEquals(shown.includes(apiKey), false);
    assertEquals((await notes("token")).stdout, `${apiKey}\n`);
  });

  itAtLength(SECRET_SERVICE, "keeps a sign-in that could not be revoked for the next logout", async () => {
    const keyring = await startKeyring();
    try {
      assertEquals((await notes("login", keyring.env)).code, 0);
      emulator.faults.add({ endpoint: "revoke", status: 503 });
      const { code, stderr } = await notes("logout", keyring.env);
      assertEquals(code, 1);
      assertStringIncludes(stderr, "could not be revoked and stays valid");
      assertStringIncludes(stderr, "The next login or logout tries again; until then it is kept, encrypted.");
      assertStringIncludes((await notes("logout", keyring.env)).stderr, "You were not signed in");
      assertEquals(
        emulator.requests.filter(({ endpoint }) => endpoint === "revoke").map(({ status }) => status),
        [503, 200],
      );
    } finally {
      await keyring.close();
    }
  });

  itAtLength(SECRET_SERVICE, "warns about credentials that no keychain protects, and no others", async () => {
    const keyring = await startKeyring();
    try {
      const warning =
        /! There is no keychain here, so .*credentials@default\.json is not encrypted; only you can read it/;
      assertMatch((await notes("login", NO_KEYCHAIN)).stderr, warning);
      assertNotMatch((await notes("login", keyring.env)).stderr, warning);
    } finally {
      await keyring.close();
    }
  });

  itWith(
    SECRET_SERVICE,
    "tells a working keychain from one that is locked or hidden by a sandbox",
    async () => {
      const keyring = await startKeyring();
      const check = async (env: Record<string, string | undefined>) =>
        (await notes("status --check", env)).stdout.split("\n").find((line) => line.includes("Keychain"));
      try {
        assertMatch(await check(keyring.env) ?? "", /^✓ .* ready for a login$/);
        assertMatch(await check({ ...keyring.env, ...NO_KEYCHAIN }) ?? "", /^! .* kept in a file$/);
        await notes("login", keyring.env);
        assertMatch(await check(keyring.env) ?? "", /^✓ .* has the key$/);
        assertMatch(
          await check({ ...keyring.env, ...NO_KEYCHAIN }) ?? "",
          /^✗ Keychain +There is no keychain here.* A sandbox, .* hides it\.$/,
        );
        await keyring.lock();
        assertMatch(await check(keyring.env) ?? "", /^✗ .* keychain is locked/);
      } finally {
        await keyring.close();
      }
    },
  );

  it("shows its usage", async () => {
    for (const line of ["", "add", "list all", "frobnicate"]) {
      const { code, stdout, stderr } = await notes(line);
      assertEquals([code, stdout, stderr.startsWith("Usage: notes add TEXT")], [2, "", true]);
    }
  });
});
