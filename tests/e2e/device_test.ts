import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { type AuthEvent, ClerkCliAuth, type ClerkCliAuthConfig } from "@clerk/cli-auth";
import { caught } from "../harness/caught.ts";
import { type DeviceVisit, visitOnDevice } from "../harness/device_browser.ts";
import { type OidcProvider, startOidcProvider } from "../harness/oidc_provider.ts";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { mapStore } from "../harness/test_client.ts";

const EMAIL = "ada@example.com";
const PROVIDER = canRunOn(OWN_RUNTIME);

/** An issuer that is not ours and offers the grant: Clerk does not. It does not say how often to poll: each 5 seconds. */
describe("login({ method: 'device' }) on oidc-provider", () => {
  let server: OidcProvider | undefined;
  beforeAll(async () => {
    if (PROVIDER.missing === undefined) server = await startOidcProvider({ ownPaths: true });
  });
  afterAll(() => server?.close());

  function newClient(visit: Partial<DeviceVisit>, config: Partial<ClerkCliAuthConfig> = {}) {
    const entries = new Map<string, string>();
    const events: AuthEvent[] = [];
    const auth = new ClerkCliAuth({
      issuer: server!.issuer,
      clientId: server!.clientId,
      endpoints: "discover",
      storage: mapStore(entries),
      ui: "none",
      onEvent: (event) => {
        events.push(event);
        if (event.type === "device_code") visitOnDevice({ login: EMAIL, ...event, ...visit });
      },
      ...config,
    });
    return { auth, entries, events };
  }

  itWith(PROVIDER, "signs in who enters the code elsewhere, and the session lasts", async () => {
    const { auth, events } = newClient({});
    const { tokens, user } = await auth.login({ method: "device" });
    assertEquals([user.sub, user.email], [EMAIL, EMAIL]);
    assert(tokens.refreshToken);
    assertEquals(events.map(({ type }) => type), ["device_code", "waiting", "stored"]);
    const [shown] = events;
    assert(shown?.type === "device_code");
    assertMatch(shown.userCode, /^[A-Z]{4}-[A-Z]{4}$/);
    assert(shown.verificationUriComplete!.includes(shown.userCode) && shown.expiresAt > Date.now());
    assert(await auth.getAccessToken({ forceRefresh: true }));
    assertEquals((await auth.logout()).revocations[0]?.revoked, true);
  });

  itWith(PROVIDER, "tells of a person who denies, and stores nothing", async () => {
    const { auth, entries } = newClient({ decision: "deny" });
    const error = await caught(() => auth.login({ method: "device" }));
    assertEquals([error.code, error.oauthError, entries.size], ["access_denied", "access_denied", 0]);
  });
});
