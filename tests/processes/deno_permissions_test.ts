import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { cliAuth } from "@clerk/cli-auth/server";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { notesBackend } from "../../examples/notes/backend.ts";
import { loadRuntime } from "../doors/runtime.ts";
import { IS_THOROUGH } from "../harness/extent.ts";
import { SECRET_SERVICE, startKeyring } from "../harness/keyring.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { type AuditedResult, installBrowser, runAudited } from "./support/audited_program.ts";
import { documentedPermissions, type Reader } from "./support/documented_permissions.ts";

const NO_KEYCHAIN = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };

/** What is asked of Deno only where it is allowed, and done without elsewhere. */
function isOptional(use: string): boolean {
  const [, path = ""] = /^(?:read|write) (.*)$/.exec(use) ?? [];
  // What tells this host from others, and, for root, whose a directory is to be that is not there yet.
  return ["/proc/sys/kernel/random/boot_id", "/proc/self/ns/net", home.path, `${home.path}/.config`].includes(
    path,
  );
}

/** The socket of the keychain: in place of the native binding, where Deno is allowed to connect to it. */
const SOCKET = /^(?:net unix:|(?:read|write) ).*\/bus$/;

let emulator: Emulator;
let servers: { close(): Promise<void> }[];
let home: TemporaryFolder;
let env: Record<string, string>;
let issuer: string;

beforeEach(async () => {
  emulator = createEmulator();
  const listening = await emulator.listen();
  ({ issuer } = listening);
  const clientConfig = { secretKey: emulator.secretKey, apiUrl: issuer, telemetry: { disabled: true } };
  const backend = notesBackend(cliAuth({ clientConfig }));
  const api = await (await loadRuntime()).serveLoopback(backend.fetch, { port: 0 });
  servers = [listening, api];
  home = await makeTemporaryFolder();
  await installBrowser(home.path);
  env = {
    NOTES_CLIENT_ID: emulator.application.clientId,
    NOTES_ISSUER: issuer,
    NOTES_API: `http://127.0.0.1:${api.port}`,
  };
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await home.remove();
});

async function withKeyring(task: (env: Record<string, string>) => Promise<void>): Promise<void> {
  const keyring = await startKeyring();
  try {
    await task(keyring.env);
  } finally {
    await keyring.close();
  }
}

describe("A program with Deno's documented narrow permissions", () => {
  async function runWholeSession(storage: string, keychain: Record<string, string>): Promise<string[]> {
    const { flags, uncovered } = await documentedPermissions({ home: home.path });
    const config = { clientId: emulator.application.clientId, issuer, storage };
    const { stdout, stderr, code, uses } = await runAudited("permissions", {
      home: home.path,
      permissions: flags,
      args: [JSON.stringify(config)],
      env: keychain,
    });
    assertEquals([code, stderr], [0, ""]);
    assertEquals(uncovered(uses), []);
    const { events, ...rest } = JSON.parse(stdout);
    assertEquals(rest, { isSame: true, isRenewed: true, cleared: true });
    return (events as string[]).filter((type) => /down|stored|refresh/.test(type));
  }

  it("signs in, refreshes, asks who signed in and signs out, with a file", async () => {
    assertEquals(await runWholeSession("file", NO_KEYCHAIN), ["stored:none", "refreshed"]);
  });

  it("does so without a keychain", async () => {
    const events = await runWholeSession("keychain", NO_KEYCHAIN);
    assertEquals(events, ["downgraded", "stored:none", "refreshed"]);
  });

  itWith(SECRET_SERVICE, "does so with a keychain", async () => {
    await withKeyring(async (keychain) => {
      assertEquals(await runWholeSession("keychain", keychain), ["stored:keychain", "refreshed"]);
    });
  });
});

describe("examples/notes with that list and its own permissions", () => {
  /** What the guide says to add, and where the example is told its issuer. */
  const own = (): Reader => ({
    home: home.path,
    variables: ["NOTES_TOKEN", "NOTES_CLIENT_ID", "NOTES_ISSUER", "NOTES_API", "NOTES_PROFILE"],
    files: [".notes-profile"],
  });
  const everyCommand = [
    ...["login", "whoami", "add Buy milk", "list", "status", "token", "profiles list"],
    ...["login --no-wait", "logout"],
  ];
  /** What reads the keychain, changes it and needs it no more. */
  const session = ["login", "list", "login --no-wait", "logout"];

  function run(
    line: string,
    permissions: string[],
    keychain: Record<string, string>,
  ): Promise<AuditedResult> {
    const args = line.split(" ");
    return runAudited("notes", { home: home.path, permissions, args, env: { ...env, ...keychain } });
  }

  /** Runs each command of a session; gives what it did that its permissions do not cover. */
  async function runEach(
    lines: string[],
    { keychain, permissions }: { keychain: Record<string, string>; permissions?: string[] },
  ): Promise<string[]> {
    const { flags, uncovered } = await documentedPermissions(own());
    emulator.behavior.accessTokenLifetimeSeconds = 20; // Each command refreshes.
    const found: string[] = [];
    for (const line of lines) {
      const { code, stderr, uses } = await run(line, permissions ?? flags, keychain);
      assertEquals(code, 0, `${line}: ${stderr}`);
      found.push(...uncovered(uses));
    }
    const refreshes = emulator.requests.filter(({ form }) => form.grant_type === "refresh_token");
    assert(refreshes.length > 0, "it has refreshed");
    return found;
  }

  it("runs every command without a keychain, and needs nothing more", async () => {
    assertEquals(await runEach(everyCommand, { keychain: NO_KEYCHAIN }), []);
  });

  itWith(SECRET_SERVICE, "runs a session with a keychain, and needs nothing more", async () => {
    await withKeyring(async (keychain) => assertEquals(await runEach(session, { keychain }), []));
  });

  itWith(
    SECRET_SERVICE,
    "uses nothing essential beyond that list if everything is allowed",
    async () => {
      await withKeyring(async (keychain) => {
        const found = await runEach(IS_THOROUGH ? session : session.slice(0, 2), {
          keychain,
          permissions: ["-A"],
        });
        assertEquals(found.filter((use) => !isOptional(use) && !SOCKET.test(use)), []);
        assert(found.some((use) => SOCKET.test(use)));
      });
    },
  );
});
