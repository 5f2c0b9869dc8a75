import { assertEquals, assertFalse } from "@std/assert";
import { afterEach, beforeEach, describe } from "@std/testing/bdd";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { type Keyring, SECRET_SERVICE, startKeyring } from "../harness/keyring.ts";
import { canRunOn, QUICKEST_RUNTIME, startProgram } from "../harness/program.ts";
import { itAtLength, itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { resultOf, type SessionResult } from "./support/stored_session.ts";

const NEEDED = { missing: SECRET_SERVICE.missing ?? canRunOn(QUICKEST_RUNTIME).missing };

// What is left to `--all` here, tests/client/pending_revocation_test.ts shows with a keychain that is played.
describe("logout() that cannot revoke the refresh token for now", () => {
  let folder: TemporaryFolder;
  let keyring: Keyring;
  let emulator: Emulator;
  let close: () => Promise<void>;
  let config: { clientId: string; issuer: string; storage: string };

  beforeEach(async () => {
    if (NEEDED.missing !== undefined) return;
    folder = await makeTemporaryFolder();
    keyring = await startKeyring();
    emulator = createEmulator();
    const listening = await emulator.listen();
    close = listening.close;
    config = { clientId: emulator.application.clientId, issuer: listening.issuer, storage: "keychain" };
  });
  afterEach(async () => {
    if (NEEDED.missing !== undefined) return;
    await close();
    await keyring.close();
    await folder.remove();
  });

  function run(command: string, more: Record<string, unknown> = {}): Promise<SessionResult> {
    const env = { ...keyring.env, XDG_CONFIG_HOME: folder.path };
    return resultOf(
      startProgram("session", {
        args: [command, JSON.stringify({ ...config, ...more })],
        env,
        runtime: QUICKEST_RUNTIME,
      }),
    );
  }

  /** Signs in, and out again while revoking fails as the fault says. */
  async function signOutWith(fault: { status: number }, more?: Record<string, unknown>) {
    await run("login", more);
    emulator.faults.add({ endpoint: "revoke", ...fault });
    const { result } = await run("revocations", more);
    const [revocation] = result as { revoked: boolean; kept?: boolean }[];
    return revocation!;
  }

  /** The refresh tokens that the issuer was asked to revoke, and how it answered. */
  function revocations() {
    const requests = emulator.requests.filter(({ endpoint }) => endpoint === "revoke");
    return requests.map(({ form, status }) => [form.token!, status] as const);
  }

  async function everythingStored(): Promise<string> {
    const names = await readdir(folder.path, { recursive: true, withFileTypes: true });
    const files = names.filter((name) => name.isFile());
    const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "utf8")));
    return texts.join("\n");
  }

  itWith(NEEDED, "keeps it sealed, and the next logout revokes it, once", async () => {
    const { revoked, kept } = await signOutWith({ status: 503 });
    assertEquals([revoked, kept], [false, true]);
    const [[token] = [""]] = revocations();
    assertFalse((await everythingStored()).includes(token));
    assertEquals((await run("token")).result, null);

    await run("logout");
    assertEquals(revocations(), [[token, 503], [token, 200]]);
    await run("logout");
    assertEquals(revocations().length, 2);
    assertFalse((await everythingStored()).includes("retired"));
  });

  itAtLength(NEEDED, "keeps it until the next login, which revokes it and works as usual", async () => {
    await signOutWith({ status: 503 });
    const [[token] = [""]] = revocations();
    const { result } = await run("login");
    assertEquals(revocations(), [[token, 503], [token, 200]]);
    assertEquals((await run("token")).result, result);
    await run("logout");
    assertEquals(revocations().filter(([other]) => other === token).length, 2);
  });

  itAtLength(NEEDED, "keeps it as long as the issuer fails, along with others", async () => {
    await signOutWith({ status: 503 });
    const [[first] = [""]] = revocations();
    emulator.faults.add({ endpoint: "revoke", status: 503, times: 1 });
    await run("login");
    emulator.faults.add({ endpoint: "revoke", status: 503, times: 1 });
    await run("logout");
    const second = revocations().at(-1)![0];
    await run("logout");
    assertEquals(revocations().slice(-2), [[first, 200], [second, 200]]);
  });

  itAtLength(NEEDED, "forgets it if the issuer rejects it for good", async () => {
    const { revoked, kept } = await signOutWith({ status: 400 });
    assertEquals([revoked, kept], [false, undefined]);
    await run("logout");
    assertEquals(revocations().length, 1);
  });

  itAtLength(NEEDED, "never keeps it in a file in the clear", async () => {
    const { revoked, kept } = await signOutWith({ status: 503 }, { storage: "file" });
    assertEquals([revoked, kept], [false, undefined]);
    const [[token] = [""]] = revocations();
    assertFalse((await everythingStored()).includes(token));
  });

  itAtLength(NEEDED, "never keeps it if the keychain store had no keychain", async () => {
    const { env } = keyring;
    keyring.env = { ...env, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };
    const { kept } = await signOutWith({ status: 503 });
    assertEquals(kept, undefined);
    const [[token] = [""]] = revocations();
    assertFalse((await everythingStored()).includes(token));
  });

  const absences = {
    "goes away": () => {
      keyring.env = { ...keyring.env, DBUS_SESSION_BUS_ADDRESS: "unix:path=/none" };
      return Promise.resolve();
    },
    "is locked": () => keyring.lock(),
  };
  for (const [what, makeAbsent] of Object.entries(absences)) {
    itWith(
      NEEDED,
      `says so when the keychain ${what}, and the next logout with it revokes the grant`,
      async () => {
        const { env } = keyring;
        await run("login");
        await makeAbsent();
        const { result } = await run("revocations");
        const [{ revoked, kept, error }] = result as [
          { revoked: boolean; kept: boolean; error: { code: string } },
        ];
        assertEquals([revoked, kept, error.code], [false, true, "keychain"]);
        assertEquals(revocations(), []);

        keyring.env = env;
        await keyring.restart();
        assertEquals((await run("token")).result, null);
        await run("logout");
        assertEquals(revocations().map(([, status]) => status), [200]);
        assertEquals(emulator.revokeGrants(), 0);
      },
    );
  }

  itAtLength(NEEDED, "leaves nothing behind when a login replaces what it cannot read", async () => {
    const { env } = keyring;
    await run("login");
    keyring.env = { ...env, DBUS_SESSION_BUS_ADDRESS: "unix:path=/none" };
    await run("login");
    keyring.env = env;
    await run("login");
    assertEquals(revocations().map(([, status]) => status), [200, 200]);
    assertEquals(emulator.revokeGrants(), 1);
  });
});
