import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createCredentialStore } from "@clerk/cli-auth";
import { onCorruptFile } from "../harness/fake_clock.ts";
import { caught } from "../harness/caught.ts";
import { CONFIG_DIRECTORY } from "../harness/config_directory.ts";
import { runOnFullDisk } from "../harness/full_disk.ts";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { allOf, itWith, unlessWindows } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

let client: TestClient;
let folder: TemporaryFolder;
const before = process.env[CONFIG_DIRECTORY];

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  process.env[CONFIG_DIRECTORY] = folder.path;
  client = await startTestClient({ storage: "file" });
});
afterEach(async () => {
  if (before === undefined) delete process.env[CONFIG_DIRECTORY];
  else process.env[CONFIG_DIRECTORY] = before;
  await client.close();
  await folder.remove();
});

const applicationFolder = () => join(folder.path, "clerk-cli-auth", "emulator-cli");
const credentialFile = () => join(applicationFolder(), "credentials@default.json");

async function writeCorruptFile(): Promise<void> {
  await mkdir(applicationFolder(), { recursive: true });
  await writeFile(credentialFile(), '{"version":1,"entries":{"tok');
}

/** Stores a session in the file, as a login would. */
async function storeSession(lifetimeSeconds: number) {
  const tokens = await client.emulator.issueTokens({ lifetimeSeconds });
  const record = JSON.stringify({ ...tokens, issuer: client.issuer, clientId: "emulator-cli" });
  await createCredentialStore("file", { clientId: "emulator-cli" }).set("tokens", record);
  return tokens;
}

describe("the file storage", () => {
  it("serves a whole session, which another process finds", async () => {
    await client.auth.login();
    const other = client.another();
    assertEquals((await other.whoami())?.email, "ada@example.com");
    assertEquals((await other.logout()).wasSignedIn, true);
    assertEquals(await client.auth.getTokenSet(), null);
    await assertNoTokenIsLeft();
  });

  if (OWN_RUNTIME === "deno") {
    it("is found as soon as there is a home directory: a failed attempt is repeated", async () => {
      const variable = process.platform === "win32" ? "USERPROFILE" : "HOME";
      const home = process.env[variable];
      delete process.env[variable];
      delete process.env[CONFIG_DIRECTORY];
      try {
        assertEquals((await caught(() => client.auth.getTokenSet())).code, "storage");
        process.env[CONFIG_DIRECTORY] = folder.path;
        await storeSession(60);
        assertEquals((await client.auth.getTokenSet())?.tokenType, "Bearer");
      } finally {
        if (home !== undefined) process.env[variable] = home;
      }
    });
  }

  it("keeps applications and environments apart", async () => {
    await client.auth.login();
    client.emulator.createApplication({ clientId: "other-cli" });
    assertEquals(await client.another({ environment: "staging" }).whoami(), null);
    assertEquals(await client.another({ clientId: "other-cli" }).whoami(), null);
  });

  it("sends no credential of one issuer to another, even if they share the client ID", async () => {
    await client.auth.login();
    const other = await startTestClient({ storage: "file" });
    assertEquals([await other.auth.whoami(), other.emulator.requests.length], [null, 0]);
    await other.close();
  });

  it("lets a login replace a corrupt file, and reports that nothing was revoked", async () => {
    await writeCorruptFile();
    await onCorruptFile(() => client.auth.login());
    assertEquals(client.events.find(({ type }) => type === "previous_revoked"), {
      type: "previous_revoked",
      revoked: false,
    });
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
  });

  it("lets a logout clear a corrupt file, and reports that nothing was revoked", async () => {
    await writeCorruptFile();
    const { wasSignedIn, cleared, revocations: [grant] } = await onCorruptFile(() => client.auth.logout());
    assertEquals([wasSignedIn, cleared, grant?.revoked, grant?.error?.code], [true, true, false, "storage"]);
    assertEquals(await client.auth.whoami(), null);
    assertEquals((await client.auth.logout()).wasSignedIn, false);
  });

  it("reports a corrupt file to everyone who reads it", async () => {
    await writeCorruptFile();
    for (let turn = 0; turn < 2; turn++) {
      const error = await caught(() => onCorruptFile(() => client.auth.getAccessToken()));
      assertEquals(error.code, "storage");
      assertStringIncludes(error.message, credentialFile());
    }
  });

  itWith(
    unlessWindows("/sys"),
    "fails a login, and revokes its tokens, if the directory cannot be written to",
    async () => {
      process.env[CONFIG_DIRECTORY] = "/sys";
      const error = await caught(() => client.auth.login());
      assertEquals([error.code, error.exitCode], ["storage", 1]);
      assertStringIncludes(error.message, "/sys/clerk-cli-auth");
      assertEquals(client.requestsTo("revoke").length, client.requestsTo("token").length);
    },
  );
});

describe("the file storage on a full disk", () => {
  /** Returns the last output of the program `session`. */
  async function run(command: string): Promise<Record<string, unknown>> {
    const config = JSON.stringify({ issuer: client.issuer, clientId: "emulator-cli", storage: "file" });
    const { stdout, stderr } = await runOnFullDisk("session", {
      args: [command, config],
      env: { [CONFIG_DIRECTORY]: folder.path },
    });
    const line = stdout.trim().split("\n").at(-1) ?? "";
    assert(line.startsWith("{"), `${stdout}${stderr}`);
    return JSON.parse(line);
  }
  const needed = allOf(canRunOn(OWN_RUNTIME), unlessWindows("limit on the size of files"));

  itWith(needed, "returns the stored token", async () => {
    const { accessToken } = await storeSession(3600);
    assertEquals(await run("token"), { result: accessToken, events: [] });
  });

  itWith(needed, "sends no refresh token whose successor could not be stored", async () => {
    await storeSession(0);
    const stored = await readFile(credentialFile(), "utf8");
    assertEquals((await run("token")).error, "storage");
    assertEquals(client.requestsTo("token").length, 0);
    assertEquals(await readFile(credentialFile(), "utf8"), stored);
    assert(await client.auth.getAccessToken());
  });

  itWith(needed, "uses a token that is still valid", async () => {
    const { accessToken } = await storeSession(20);
    assertEquals((await run("token")).result, accessToken);
  });

  itWith(needed, "lets a logout clear what is stored", async () => {
    await storeSession(3600);
    assertEquals((await run("logout")).result, true);
    assertEquals(client.requestsTo("revoke").length, 1);
    await assertNoTokenIsLeft();
  });
});

async function assertNoTokenIsLeft(): Promise<void> {
  for (const entry of await readdir(folder.path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath, entry.name), "utf8");
    assert(!/oat_|rt_|accessToken/.test(text), entry.name);
  }
}
