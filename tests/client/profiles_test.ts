import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ClerkCliAuth, ClerkCliAuthError } from "@clerk/cli-auth";
import {
  type ClientContext,
  getAccessToken,
  logout,
  openContext,
  replaceSession,
  resolveConfig,
  underLock,
} from "../doors/client.ts";
import { isOfDeadline, onFakeClock } from "../harness/fake_clock.ts";
import { createFakeRuntime } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

let client: TestClient;
let folder: TemporaryFolder;

beforeEach(async () => {
  client = await startTestClient();
  folder = await makeTemporaryFolder();
});
afterEach(async () => {
  await client.close();
  await folder.remove();
});

/** The files of a profile, or of the default one, in the test's directory. */
async function filesOf(profile?: string): Promise<ClientContext> {
  const runtime = await createFakeRuntime({ env: { XDG_CONFIG_HOME: folder.path } });
  const { clientId, issuer } = client.config;
  const options = { clientId, issuer, storage: "file" as const, ...(profile && { profile }) };
  return await openContext(resolveConfig(options), runtime);
}

describe("withProfile()", () => {
  it("returns the same configuration with its own record", async () => {
    const work = client.auth.withProfile("work");
    const { tokens: plain } = await client.auth.login();
    assertEquals(await work.getTokenSet(), null);
    const { tokens } = await work.login();
    assertNotEquals(tokens.accessToken, plain.accessToken);
    assertEquals(await client.auth.getAccessToken(), plain.accessToken);
    assertEquals(await work.getAccessToken(), tokens.accessToken);
    assertEquals(client.requestsTo("revoke").length, 0);
  });

  it("returns the same record each time, even from a profile", async () => {
    const { tokens } = await client.auth.withProfile("work").login();
    const again = client.auth.withProfile("home").withProfile("work");
    assertEquals(await again.getAccessToken(), tokens.accessToken);
  });

  it("signs one out and no other", async () => {
    await client.auth.login();
    const work = client.auth.withProfile("work");
    await work.login();
    await client.auth.logout();
    assertEquals(await client.auth.getTokenSet(), null);
    assert(await work.whoami());
    assertEquals([...client.entries.keys()], ["tokens@work"]);
  });

  it("keeps the profile of a custom store under tokens@NAME, and the default one under tokens", async () => {
    await client.auth.login();
    await client.auth.withProfile("work").login();
    await client.another({ profile: "home" }).login();
    assertEquals([...client.entries.keys()].sort(), ["tokens", "tokens@home", "tokens@work"]);
  });

  it("refreshes one and no other", async () => {
    const { tokens: plain } = await client.auth.login();
    const work = client.auth.withProfile("work");
    const { tokens } = await work.login();
    assertNotEquals(await work.getAccessToken({ forceRefresh: true }), tokens.accessToken);
    assertEquals((await client.auth.getTokenSet())?.refreshToken, plain.refreshToken);
  });

  const WRONG = [
    "",
    ".",
    "..",
    ".hidden",
    "a/b",
    "../a",
    "a\\b",
    "a:b",
    "a b",
    "a@b",
    "a%2fb",
    "a\0b",
    "a\n",
    "é",
    "-a",
    "a".repeat(65),
  ];
  for (const name of WRONG) {
    it(`rejects ${JSON.stringify(name.slice(0, 20))} as a name`, () => {
      for (
        const attempt of [
          () => client.auth.withProfile(name),
          () => new ClerkCliAuth({ ...client.config, profile: name }),
        ]
      ) {
        assertEquals(assertThrows(attempt, ClerkCliAuthError, "'profile' must be").code, "config");
      }
    });
  }

  it("rejects a name that is not a string", () => {
    for (const name of [null, 7, {}, ["a"]] as unknown as string[]) {
      assertThrows(() => client.auth.withProfile(name), ClerkCliAuthError, "'profile' must be");
    }
  });

  it("accepts letters, digits, '.', '_' and '-'", async () => {
    for (const name of ["a", "0", "Work", "ada.lovelace-2_x", "a".repeat(64)]) {
      assertEquals(await client.auth.withProfile(name).getTokenSet(), null);
    }
  });
});

describe("A profile in files", () => {
  it("has its own file, even if names differ only in case", async () => {
    for (const profile of [undefined, "work", "WORK"]) {
      const context = await filesOf(profile);
      await replaceSession(context, await client.emulator.issueTokens());
    }
    const names = await readdir(join(folder.path, "clerk-cli-auth", client.config.clientId));
    const records = names.filter((name) => name.endsWith(".json"));
    assertEquals(records.sort(), [
      "credentials@default.json",
      "credentials@default@%57%4f%52%4b.json",
      "credentials@default@work.json",
    ]);
  });

  it("has its own lock: nobody waits for another profile", async () => {
    const [plain, work] = [await filesOf(), await filesOf("work")];
    const order: string[] = [];
    await underLock(plain.store.withLock, async () => {
      await underLock(work.store.withLock, () => Promise.resolve(order.push("work")), { timeoutMs: 20_000 });
      const second = await filesOf();
      await onFakeClock(async (clock) => {
        const waiting = underLock(second.store.withLock, () => Promise.resolve(order.push("never")), {
          timeoutMs: 20_000,
        })
          .catch(({ code }) => order.push(code));
        await clock.advance(20_000);
        await waiting;
      }, isOfDeadline);
    }, { timeoutMs: 20_000 });
    assertEquals(order, ["work", "timeout"]);
  });

  it("is signed out alone", async () => {
    const [plain, work] = [await filesOf(), await filesOf("work")];
    const tokens = await client.emulator.issueTokens();
    await replaceSession(plain, tokens);
    await replaceSession(work, await client.emulator.issueTokens());
    assertEquals((await logout(work)).wasSignedIn, true);
    assertEquals([await getAccessToken(work), await getAccessToken(plain)], [null, tokens.accessToken]);
  });
});
