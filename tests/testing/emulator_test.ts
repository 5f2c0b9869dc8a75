import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator } from "@clerk/cli-auth/testing";

describe("createEmulator()", () => {
  /** Everything whose ID a program or a person may store. */
  function entities() {
    const emulator = createEmulator();
    const { createUser, createOrganization, createApplication, createMachine, createApiKey } = emulator;
    return {
      user: emulator.user,
      organization: emulator.organization,
      application: emulator.application,
      second: createUser(),
      team: createOrganization({ name: "Team" }),
      other: createApplication(),
      machine: createMachine(),
      key: createApiKey(),
    };
  }

  it("gives the same IDs at every start, each only once", () => {
    const ids = (
      given: ReturnType<typeof entities>,
    ) => [...Object.values(given).map(({ id }) => id), given.other.clientId, given.second.email];
    const first = ids(entities());
    assertEquals(ids(entities()), first);
    assertEquals(new Set(first).size, first.length);
  });

  it("never reuses the ID of something that was removed", async () => {
    const { createUser, fetch, secretKey } = createEmulator();
    const { id } = createUser();
    const headers = { Authorization: `Bearer ${secretKey}` };
    const removal = new Request(`http://127.0.0.1/v1/users/${id}`, { method: "DELETE", headers });
    assertEquals((await fetch(removal)).status, 200);
    assertNotEquals(createUser().id, id);
  });

  it("makes new secrets at every start", () => {
    const [first, second] = [entities(), entities()];
    assertNotEquals(createEmulator().secretKey, createEmulator().secretKey);
    assertNotEquals(first.key.secret, second.key.secret);
    assertNotEquals(first.machine.secretKey, second.machine.secretKey);
  });

  it("renames its key at every start, because the key is new", () => {
    assertNotEquals(createEmulator().instanceId, createEmulator().instanceId);
  });
});

describe("a listening emulator", () => {
  it("makes no runtime warn about it", async () => {
    const emulator = createEmulator();
    const { url, close } = await emulator.listen();
    const { warn } = console;
    const warnings: unknown[] = [];
    console.warn = (...said) => warnings.push(said);
    try {
      for (const path of ["", "oauth/userinfo"]) await (await fetch(url + path)).text();
    } finally {
      console.warn = warn;
      await close();
    }
    assertEquals(warnings, []);
  });
});

// By the symbol: Node 20 does not know the syntax of `await using`.
describe("a disposed emulator", () => {
  it("stops listening everywhere", async () => {
    const emulator = createEmulator();
    const urls = [await emulator.listen(), await emulator.listen()].map(({ url }) => url);
    for (const url of urls) await (await fetch(url)).body?.cancel();
    await emulator[Symbol.asyncDispose]();
    for (const url of urls) await assertRejects(() => fetch(url));
  });

  it("only stops the listener if only that is disposed of", async () => {
    const emulator = createEmulator();
    const [kept, closed] = [await emulator.listen(), await emulator.listen()];
    await closed[Symbol.asyncDispose]();
    await assertRejects(() => fetch(closed.url));
    await (await fetch(kept.url)).body?.cancel();
    await kept.close();
  });
});

describe("emulator.env()", () => {
  it("returns what a backend process needs", async () => {
    const emulator = createEmulator();
    const { issuer, close } = await emulator.listen();
    const { env, secretKey, publishableKey, application } = emulator;
    assertEquals(env(), {
      CLERK_API_URL: issuer,
      CLERK_OAUTH_CLIENT_ID: application.clientId,
      CLERK_PUBLISHABLE_KEY: publishableKey,
      CLERK_SECRET_KEY: secretKey,
      CLERK_TELEMETRY_DISABLED: "1",
    });
    await close();
  });

  it("reports that there is no address before the emulator listens", () => {
    assertThrows(() => createEmulator().env(), Error, "The emulator is not listening");
  });
});
