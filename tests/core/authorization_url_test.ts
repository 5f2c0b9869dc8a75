import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { authorizationUrl } from "../doors/core.ts";

const REQUEST = {
  clientId: "client & co",
  redirectUri: "http://127.0.0.1:54321/callback",
  scopes: ["openid", "email"],
  state: "the-state",
  codeChallenge: "the-challenge",
};

function parametersOf(url: string): Record<string, string> {
  return Object.fromEntries(new URL(url).searchParams);
}

describe("authorizationUrl()", () => {
  it("requests a code with PKCE S256 (RFC 6749, section 4.1.1; RFC 7636, section 4.3)", () => {
    const url = authorizationUrl("https://clerk.example.com/oauth/authorize", REQUEST);
    assertEquals(url.split("?")[0], "https://clerk.example.com/oauth/authorize");
    assertEquals(parametersOf(url), {
      response_type: "code",
      client_id: "client & co",
      redirect_uri: "http://127.0.0.1:54321/callback",
      scope: "openid email",
      state: "the-state",
      code_challenge: "the-challenge",
      code_challenge_method: "S256",
    });
  });

  it("adds nonce, prompt and response mode if given", () => {
    const url = authorizationUrl("https://clerk.example.com/oauth/authorize", {
      ...REQUEST,
      nonce: "the-nonce",
      prompt: "consent",
      responseMode: "form_post",
    });
    const { nonce, prompt, response_mode } = parametersOf(url);
    assertEquals([nonce, prompt, response_mode], ["the-nonce", "consent", "form_post"]);
  });

  it("keeps the endpoint's own query (RFC 6749, section 3.1)", () => {
    const url = authorizationUrl("https://clerk.example.com/authorize?tenant=a%26b", REQUEST);
    assertEquals(parametersOf(url).tenant, "a&b");
    assertEquals(parametersOf(url).response_type, "code");
  });
});
