import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { type AuthEvent, ClerkCliAuth, type ClerkCliAuthConfig } from "@clerk/cli-auth";
import { createEmulator, createScriptedBrowser, type SignInOptions } from "@clerk/cli-auth/testing";
import { caught } from "../harness/caught.ts";
import { isOfDeadline, onFakeClock } from "../harness/fake_clock.ts";
import { startOidcProvider } from "../harness/oidc_provider.ts";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { mapStore } from "../harness/test_client.ts";

const EMAIL = "ada@example.com";
const PROVIDER = canRunOn(OWN_RUNTIME);

/** How often to poll an issuer that does not say. */
const INTERVAL_MS = 5_000;

/** An issuer that offers the grant. */
interface Issuer {
  issuer: string;
  clientId: string;
  close(): Promise<void>;
}

async function startEmulator(): Promise<Issuer> {
  const emulator = createEmulator();
  const { issuer, close } = await emulator.listen();
  return { issuer, clientId: emulator.application.clientId, close };
}

/** A third-party one, at its own paths or at Clerk's, and the emulator, whose page is on another origin. */
const ISSUERS = [
  ["oidc-provider", "discover", () => startOidcProvider({ ownPaths: true })],
  ["oidc-provider", "clerk", () => startOidcProvider()],
  ["the emulator", "clerk", startEmulator],
] as const;

for (const [name, endpoints, start] of ISSUERS) {
  describe(`login({ method: 'device' }) on ${name}, endpoints: '${endpoints}'`, () => {
    let server: Issuer | undefined;
    beforeAll(async () => {
      if (PROVIDER.missing === undefined) server = await start();
    });
    afterAll(() => server?.close());

    function newClient(visit: SignInOptions, config: Partial<ClerkCliAuthConfig> = {}) {
      const entries = new Map<string, string>();
      const events: AuthEvent[] = [];
      let visited: Promise<unknown> | undefined;
      const auth = new ClerkCliAuth({
        issuer: server!.issuer,
        clientId: server!.clientId,
        endpoints,
        storage: mapStore(entries),
        ui: "none",
        onEvent: (event) => {
          events.push(event);
          if (event.type !== "device_code") return;
          const { verificationUri, userCode } = event;
          visited = createScriptedBrowser().signIn(verificationUri, { email: EMAIL, userCode, ...visit });
        },
        ...config,
      });
      /** The first poll comes once the user is done. */
      const login = () =>
        onFakeClock(async (clock) => {
          const running = auth.login({ method: "device" });
          await Promise.race([clock.untilSet(INTERVAL_MS), running]);
          await visited;
          await clock.advance(INTERVAL_MS);
          return await running;
        }, isOfDeadline);
      return { auth, login, entries, events };
    }

    itWith(PROVIDER, "signs in whoever enters the code elsewhere, and keeps the session", async () => {
      const { auth, login, events } = newClient({});
      const { tokens, user } = await login();
      assertEquals(user.email, EMAIL);
      assert(tokens.refreshToken);
      assertEquals(events.map(({ type }) => type), ["device_code", "waiting", "stored"]);
      const [shown] = events;
      assert(shown?.type === "device_code");
      assertMatch(shown.userCode, /^[A-Z]{4}-[A-Z]{4}$/);
      assert(shown.verificationUriComplete!.includes(shown.userCode) && shown.expiresAt > Date.now());
      assert(await auth.getAccessToken({ forceRefresh: true }));
      assertEquals((await auth.logout()).revocations[0]?.revoked, true);
    });

    itWith(
      PROVIDER,
      "also signs in with two calls: with the code, and with the URL that the browser ends up on",
      async () => {
        // This issuer keeps one grant for a browser.
        const { auth, entries } = newClient({}, { revokePrevious: false });
        const begun = await auth.beginLogin();
        assert(begun.method === "device");
        const browser = createScriptedBrowser();
        await browser.signIn(begun.verificationUri, { email: EMAIL, userCode: begun.userCode });
        // The interval is over.
        entries.set("pending", entries.get("pending")!.replace(/(?<="askedAt":)\d+/, "0"));
        const { user } = await auth.completeLogin({ login: begun.login });
        assertEquals([user.email, [...entries.keys()]], [EMAIL, ["tokens"]]);

        const pasted = await auth.beginLogin({ method: "paste" });
        assert(pasted.method === "paste");
        const { url } = await browser.signIn(pasted.authorizationUrl, { email: EMAIL, visitCallback: false });
        assertEquals((await auth.completeLogin({ response: url })).user.email, EMAIL);
      },
    );

    itWith(PROVIDER, "reports that the user denied access, and stores nothing", async () => {
      const { login, entries } = newClient({ decision: "deny" });
      const error = await caught(login);
      assertEquals([error.code, error.oauthError, entries.size], ["access_denied", "access_denied", 0]);
    });
  });
}
