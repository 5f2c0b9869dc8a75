/**
 * The modules of the OpenID Foundation's conformance suite for relying parties that apply to a public client, by their
 * names there: the basic, configuration, form post and refresh token plans of OpenID Connect, and what FAPI 2.0
 * additionally tests of a client. Each is a misbehaving issuer.
 *
 * What has no counterpart here is omitted: client secrets, request objects, DPoP, dynamic registration, and checks of
 * the signature of an ID token, which TLS replaces (OpenID Connect Core 1.0, section 3.1.3.7, rule 6).
 */
import { assert, assertEquals } from "@std/assert";
import { afterAll, afterEach, beforeAll, describe, it } from "@std/testing/bdd";
import { ClerkCliAuth, type ClerkCliAuthConfig, type ClerkCliAuthError } from "@clerk/cli-auth";
import { type BrowserPage, createScriptedBrowser } from "@clerk/cli-auth/testing";
import { caught } from "../harness/caught.ts";
import {
  type MisbehavingIssuer,
  type Misbehavior,
  startMisbehavingIssuer,
} from "../harness/misbehaving_issuer.ts";
import { mapStore } from "../harness/test_client.ts";

const EVIL = "https://evil.example";

let server: MisbehavingIssuer;
let entries: Map<string, string>;

beforeAll(async () => {
  server = await startMisbehavingIssuer();
});
afterAll(() => server.close());
afterEach(() => {
  server.misbehavior = {};
  server.emulator.requests.length = 0;
});

function newClient(config: Partial<ClerkCliAuthConfig> = {}): ClerkCliAuth {
  entries = new Map();
  return new ClerkCliAuth({
    clientId: server.emulator.application.clientId,
    issuer: server.issuer,
    endpoints: "discover",
    storage: mapStore(entries),
    openBrowser: createScriptedBrowser().opener(),
    ui: "none",
    ...config,
  });
}

/** How often an endpoint was called. */
function asked(endpoint: "authorize" | "token" | "userinfo" | "revoke"): number {
  return server.emulator.requests.filter((request) => request.endpoint === endpoint).length;
}

/** How a login fails at such an issuer. It must store nothing. */
async function failure(
  misbehavior: Misbehavior,
  config?: Partial<ClerkCliAuthConfig>,
): Promise<ClerkCliAuthError> {
  server.misbehavior = misbehavior;
  const auth = newClient(config);
  const error = await caught(() => auth.login());
  assertEquals(entries.size, 0);
  return error;
}

/** Modules after which the client must continue, in both plans that have them. */
const ACCEPTED: [module: string, misbehavior: Misbehavior][] = [
  ["oidcc-client-test", {}],
  ["oidcc-client-test-idtoken-sig-rs256", { idTokenHeader: { alg: "RS256" } }],
  ["oidcc-client-test-kid-absent-single-jwks", { idTokenHeader: { kid: undefined } }],
  ["valid-aud-as-array", { idToken: { aud: ["emulator-cli"] } }],
  ["token-endpoint-response-without-expires_in", { tokenAnswer: { expires_in: undefined } }],
  ["token-type-case-insensitivity", { tokenAnswer: { token_type: "bEaReR" } }],
];

/** Modules with an ID token that the client must reject. */
const REJECTED: [module: string, misbehavior: Misbehavior][] = [
  ["oidcc-client-test-invalid-iss", { idToken: { iss: EVIL } }],
  ["invalid-missing-iss", { idToken: { iss: undefined } }],
  ["oidcc-client-test-missing-sub", { idToken: { sub: undefined } }],
  ["oidcc-client-test-invalid-aud", { idToken: { aud: "another" } }],
  ["oidcc-client-test-missing-aud", { idToken: { aud: undefined } }],
  ["invalid-secondary-aud", { idToken: { aud: ["emulator-cli", "another"] } }],
  ["oidcc-client-test-missing-iat", { idToken: { iat: undefined } }],
  ["invalid-missing-exp", { idToken: { exp: undefined } }],
  ["invalid-expired-exp", { idToken: { exp: Math.floor(Date.now() / 1000) - 300 } }],
  ["oidcc-client-test-nonce-invalid", { idToken: { nonce: "another" } }],
  ["invalid-missing-nonce", { idToken: { nonce: undefined } }],
  ["oidcc-client-test-idtoken-sig-none", { idTokenHeader: { alg: "none" } }],
];

for (const responseMode of ["query", "form_post"] as const) {
  describe(`an issuer that responds with ${responseMode}`, () => {
    for (const [module, misbehavior] of ACCEPTED) {
      it(`is signed in to: ${module}`, async () => {
        server.misbehavior = misbehavior;
        const { user } = await newClient({ responseMode }).login();
        assertEquals([user.email, asked("token"), asked("userinfo")], ["ada@example.com", 1, 1]);
      });
    }

    for (const [module, misbehavior] of REJECTED) {
      it(`is rejected with its ID token, and its tokens are revoked: ${module}`, async () => {
        const { code } = await failure(misbehavior, { responseMode });
        assertEquals([code, asked("userinfo"), asked("revoke")], ["token_exchange", 0, 1]);
      });
    }

    it("is rejected when userinfo is about someone else: oidcc-client-test-userinfo-invalid-sub", async () => {
      const { code } = await failure({ userinfo: { sub: "user_other" } }, { responseMode });
      assertEquals([code, asked("revoke")], ["userinfo", 1]);
    });
  });
}

describe("an issuer whose claims the client requests", () => {
  it("returns them from userinfo: oidcc-client-test-scope-userinfo-claims", async () => {
    const { user } = await newClient({ scopes: ["openid", "email"] }).login();
    assertEquals([user.email, user.email_verified, user.name], ["ada@example.com", true, undefined]);
  });
});

describe("an issuer found by its metadata", () => {
  it("is used: oidcc-client-test-discovery-openid-config", async () => {
    assert((await newClient().login()).user.sub);
  });

  it("is rejected if it is another one, and sent nothing: discovery-issuer-mismatch", async () => {
    const { code } = await failure({ metadata: { issuer: EVIL } });
    assertEquals([code, asked("authorize"), asked("token")], ["config", 0, 0]);
  });
});

describe("an authorization response", () => {
  const rejected: [module: string, change: (parameters: URLSearchParams) => void][] = [
    ["invalid-authorization-response-iss", (parameters) => parameters.set("iss", EVIL)],
    ["remove-authorization-response-iss", (parameters) => parameters.delete("iss")],
  ];
  for (const [module, authorizationResponse] of rejected) {
    it(`is rejected: ${module}`, async () => {
      const { code } = await failure({ authorizationResponse });
      assertEquals([code, asked("token")], ["token_exchange", 0]);
    });
  }

  const ignored: [module: string, change: (parameters: URLSearchParams) => void][] = [
    [
      "ensure-authorization-response-with-invalid-state-fails",
      (parameters) => parameters.set("state", "wrong"),
    ],
    [
      "ensure-authorization-response-with-invalid-missing-state-fails",
      (parameters) => parameters.delete("state"),
    ],
  ];
  for (const [module, authorizationResponse] of ignored) {
    it(`settles nothing, and its code is not used: ${module}`, async () => {
      let page: BrowserPage | undefined;
      const givingUp = new AbortController();
      const auth = newClient({
        openBrowser: async (url) => {
          page = await createScriptedBrowser().signIn(url);
          givingUp.abort();
        },
      });
      server.misbehavior = { authorizationResponse };
      assertEquals((await caught(() => auth.login({ signal: givingUp.signal }))).code, "cancelled");
      assertEquals([page?.status, asked("token"), entries.size], [400, 0, 0]);
    });
  }
});

describe("a refresh", () => {
  it("is accepted with the ID token of the same user: oidcc-client-test-refresh-token", async () => {
    const auth = newClient();
    const { tokens } = await auth.login();
    const refreshed = await auth.getAccessToken({ forceRefresh: true });
    assert(refreshed && refreshed !== tokens.accessToken);
  });

  const rejected: [module: string, idToken: Record<string, unknown>][] = [
    ["oidcc-client-test-refresh-token-invalid-issuer", { iss: EVIL }],
    ["oidcc-client-test-refresh-token-invalid-sub", { sub: "user_other" }],
  ];
  for (const [module, idToken] of rejected) {
    it(`is rejected: ${module}`, async () => {
      const auth = newClient();
      const { tokens } = await auth.login();
      server.misbehavior = { idToken };
      assertEquals((await caught(() => auth.getAccessToken({ forceRefresh: true }))).code, "token_exchange");
      assertEquals((await auth.getTokenSet())?.accessToken, tokens.accessToken);
    });
  }
});
