import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { type AuthEvent, ClerkCliAuth, type ClerkCliAuthConfig } from "@clerk/cli-auth";
import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
import { caught } from "../harness/caught.ts";
import { IS_THOROUGH } from "../harness/extent.ts";
import { startOidcProvider } from "../harness/oidc_provider.ts";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { mapStore } from "../harness/test_client.ts";

const EMAIL = "ada@example.com";

/** An OAuth server that listens. */
interface Issuer {
  issuer: string;
  endpoints?: "discover";
  clientId: string;
  /** The subject of `ada@example.com`. */
  subject: string;
  close(): Promise<void>;
}

async function startEmulator(): Promise<Issuer> {
  const { application, user, listen } = createEmulator();
  const { issuer, close } = await listen();
  return { issuer, clientId: application.clientId, subject: user.id, close };
}

async function startForeign(): Promise<Issuer> {
  return { ...await startOidcProvider(), subject: EMAIL };
}

async function startForeignWithOwnPaths(): Promise<Issuer> {
  return { ...await startOidcProvider({ ownPaths: true }), subject: EMAIL, endpoints: "discover" };
}

describe("one client, on the emulator", () => testClient(startEmulator));

// The suite must hold on a server that none of us wrote, or the emulator proves nothing.
if (canRunOn(OWN_RUNTIME).missing === undefined) {
  describe("one client, on oidc-provider", () => testClient(startForeign));
  // What metadata says is read in the same way everywhere.
  if (IS_THOROUGH || OWN_RUNTIME === "deno") {
    describe("one client, on oidc-provider with its metadata", () => testClient(startForeignWithOwnPaths));
  }
} else {
  it.skip(`one client, on oidc-provider (skipped: ${canRunOn(OWN_RUNTIME).missing})`, () => {});
}

function testClient(start: () => Promise<Issuer>): void {
  let server: Issuer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  function newClient(config: Partial<ClerkCliAuthConfig> = {}) {
    const entries = new Map<string, string>();
    const events: AuthEvent[] = [];
    const auth = new ClerkCliAuth({
      issuer: server.issuer,
      clientId: server.clientId,
      endpoints: server.endpoints ?? "clerk",
      storage: mapStore(entries),
      openBrowser: createScriptedBrowser().opener({ email: EMAIL }),
      onEvent: (event) => events.push(event),
      ui: "none",
      ...config,
    });
    return { auth, entries, events };
  }

  it("signs in, and says who signed in", async () => {
    const { auth } = newClient();
    const { tokens, user } = await auth.login();
    assertEquals([user.sub, user.email], [server.subject, EMAIL]);
    assert(tokens.accessToken && tokens.refreshToken && tokens.idToken && tokens.expiresAt! > Date.now());
    assertEquals((await auth.whoami())?.sub, server.subject);
  });

  it("refreshes with rotation, again and again", async () => {
    const { auth } = newClient();
    let { tokens } = await auth.login();
    for (let round = 0; round < 3; round++) {
      assert(await auth.getAccessToken({ forceRefresh: true }));
      const next = (await auth.getTokenSet())!;
      assertNotEquals(next.refreshToken, tokens.refreshToken);
      assertEquals((await auth.whoami())?.sub, server.subject);
      tokens = next;
    }
  });

  it("refreshes once for many concurrent callers", async () => {
    const { auth, events } = newClient();
    await auth.login();
    const tokens = await Promise.all(
      Array.from({ length: 20 }, () => auth.getAccessToken({ forceRefresh: true })),
    );
    assertEquals(new Set(tokens).size, 1);
    assertEquals(events.filter(({ type }) => type === "refreshed").length, 1);
    assertEquals((await auth.whoami())?.sub, server.subject);
  });

  it("signs in over a previous sign-in, or says that one grant serves both, and then signs in", async () => {
    const openBrowser = createScriptedBrowser().opener({ email: EMAIL });
    const { auth, entries } = newClient({ openBrowser });
    await auth.login();
    const again = await auth.login().catch((error) => error);
    if (again instanceof Error) {
      assertEquals((await caught(() => Promise.reject(again))).code, "userinfo");
      assertEquals(entries.size, 0);
      await auth.login();
    }
    assertEquals((await auth.whoami())?.sub, server.subject);
  });

  it("keeps both sign-ins if told not to revoke the previous one", async () => {
    const openBrowser = createScriptedBrowser().opener({ email: EMAIL });
    const { auth } = newClient({ openBrowser, revokePrevious: false });
    await auth.login();
    assertEquals((await auth.login()).user.sub, server.subject);
  });

  it("stores nothing if the user denies access", async () => {
    const openBrowser = createScriptedBrowser().opener({ email: EMAIL, decision: "deny" });
    const { auth, entries } = newClient({ openBrowser });
    assertEquals((await caught(() => auth.login())).code, "access_denied");
    assertEquals(entries.size, 0);
  });

  it("ends the session when the refresh token was revoked elsewhere", async () => {
    const { auth, entries, events } = newClient();
    await auth.login();
    const record = entries.get("tokens")!;
    await auth.logout();
    entries.set("tokens", record);
    assertEquals(await auth.getAccessToken({ forceRefresh: true }), null);
    assertEquals(events.at(-1), { type: "session_ended", reason: "invalid_grant" });
  });

  it("signs out: the tokens are dead, and nothing is stored", async () => {
    const { auth, entries } = newClient();
    const { tokens } = await auth.login();
    const { wasSignedIn, cleared, revocations } = await auth.logout();
    assertEquals([wasSignedIn, cleared, revocations[0]?.revoked], [true, true, true]);
    assertEquals([entries.size, await auth.whoami()], [0, null]);
    entries.set(
      "tokens",
      JSON.stringify({ refreshToken: tokens.refreshToken, accessToken: "x", expiresAt: 0 }),
    );
    assertEquals(await auth.getAccessToken(), null);
  });
}
