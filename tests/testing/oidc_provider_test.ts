import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";
import { type OidcProvider, startOidcProvider } from "../harness/oidc_provider.ts";
import { authorizationUrl, exchangeCode, readCallback } from "./flow.ts";

const SCOPE = "openid profile email offline_access";

describe("the scripted browser on oidc-provider", () => {
  let provider: OidcProvider;
  beforeAll(async () => {
    provider = await startOidcProvider();
  });
  afterAll(() => provider.close());

  it("signs in, and exchanges the code for tokens", async () => {
    const { issuer, clientId } = provider;
    const request = await authorizationUrl({ issuer, client_id: clientId, scope: SCOPE });
    const page = await createScriptedBrowser().signIn(request.url, { email: "grace", visitCallback: false });
    const { code = "" } = readCallback(page.url);
    const { codeVerifier } = request;
    const answer = await exchangeCode(fetch, { issuer, client_id: clientId, code, codeVerifier });
    assertEquals(answer.status, 200);
    assertEquals(typeof answer.body.refresh_token, "string");
  });

  it("denies access with the link on the consent page", async () => {
    const { issuer, clientId } = provider;
    const { url } = await authorizationUrl({ issuer, client_id: clientId, scope: SCOPE });
    const page = await createScriptedBrowser().signIn(url, { decision: "deny", visitCallback: false });
    assertEquals(readCallback(page.url).error, "access_denied");
  });

  it("rejects if the provider rejects the request", async () => {
    const { url } = await authorizationUrl({ issuer: provider.issuer, client_id: "nobody", scope: SCOPE });
    await assertRejects(() => createScriptedBrowser().signIn(url), Error, "400");
  });
});
