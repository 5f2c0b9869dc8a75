import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";
import { createCliAuth } from "../doors/server.ts";
import { type OidcProvider, startOidcProvider } from "../harness/oidc_provider.ts";
import { canRunOn, OWN_RUNTIME } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { outcome } from "../server/support/outcome.ts";
import { requestWith } from "../server/support/request_with.ts";
import { authorizationUrl, exchangeCode, readCallback } from "../testing/flow.ts";

const RESOURCE = "https://api.example.com/notes";
const MINUTE = 60_000;
const HERE = canRunOn(OWN_RUNTIME);

describe("a backend without a secret key, at oidc-provider", () => {
  let provider: OidcProvider;

  beforeAll(async () => {
    if (HERE.missing === undefined) provider = await startOidcProvider();
  });
  afterAll(() => provider?.close());

  const createGuard = (clock = { aheadMs: 0 }) =>
    createCliAuth({
      jwtOnly: true,
      issuer: provider.issuer,
      clientIds: [provider.clientId],
      audience: RESOURCE,
    }, { variable: () => undefined, now: () => Date.now() + clock.aheadMs });

  /** Signs somebody in: the tokens of the response. */
  async function signIn(resource?: string): Promise<{ access_token: string; id_token: string }> {
    const { issuer, clientId: client_id } = provider;
    const target = resource === undefined ? {} : { resource };
    const scope = "openid email";
    const request = await authorizationUrl({ issuer, client_id, scope, ...target });
    const page = await createScriptedBrowser().signIn(request.url, { email: "grace", visitCallback: false });
    const { code = "" } = readCallback(page.url);
    const { codeVerifier } = request;
    const { body } = await exchangeCode(fetch, { issuer, client_id, code, codeVerifier, ...target });
    return body as { access_token: string; id_token: string };
  }

  /** The provider is away, and comes back with another key. */
  async function restart(): Promise<void> {
    provider = await startOidcProvider({ port: Number(new URL(provider.issuer).port) });
  }

  itWith(HERE, "accepts its JWT access tokens, and neither its ID tokens nor its opaque tokens", async () => {
    const auth = createGuard();
    const { access_token, id_token } = await signIn(RESOURCE);
    const result = await auth.authenticate(requestWith(access_token), { scopes: ["email"] });
    assert(result.ok);
    assertEquals([result.identity.sub, result.tokenInfo.clientId], ["grace", provider.clientId]);
    assertEquals(await outcome(() => auth.verifyToken(id_token)), "invalid_token");
    const opaque = await signIn();
    assertEquals(await outcome(() => auth.verifyToken(opaque.access_token)), "invalid_token");
    const elsewhere = await signIn("https://other.example.com/");
    assertEquals(await outcome(() => auth.verifyToken(elsewhere.access_token)), "invalid_token");
  });

  itWith(HERE, "continues while it is down, and follows it to its next key", async () => {
    const clock = { aheadMs: 0 };
    const auth = createGuard(clock);
    const verify = (token: string) => outcome(() => auth.verifyToken(token));
    const [seen, unseen, late] = await Promise.all([RESOURCE, RESOURCE, RESOURCE].map(signIn));
    assertEquals(await verify(seen!.access_token), "accepted");
    await provider.close();
    clock.aheadMs = 30 * MINUTE;
    assertEquals(await verify(unseen!.access_token), "accepted");
    // One that has no keys yet cannot tell.
    assertEquals(await outcome(() => createGuard().verifyToken(late!.access_token)), "unavailable");

    await restart();
    const next = await signIn(RESOURCE);
    assertEquals(await outcome(() => createGuard().verifyToken(next.access_token)), "accepted");
    clock.aheadMs += MINUTE; // It asks again ten seconds after it failed.
    assertEquals(await verify(next.access_token), "accepted");
    assertEquals(await verify(late!.access_token), "invalid_token");
  });
});
