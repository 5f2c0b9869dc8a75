import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type JsonObject, metadataRequest, parseMetadata, readMetadataResponse } from "../doors/core.ts";
import { caught } from "../harness/caught.ts";

const ISSUER = "https://clerk.example.com";

const WHOLE: JsonObject = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  revocation_endpoint: `${ISSUER}/revoke`,
  userinfo_endpoint: `${ISSUER}/me`,
};

function parse(members: JsonObject, endpointOrigins: readonly string[] = []) {
  return parseMetadata({ ...WHOLE, ...members }, { issuer: ISSUER, endpointOrigins });
}

function answer(status: number, text: string) {
  return { status, text, headers: new Headers() };
}

describe("metadataRequest()", () => {
  it("uses the URL of RFC 8414, section 3.1, even below a path", () => {
    assertEquals(
      metadataRequest("https://clerk.example.com/tenant", "oauth-authorization-server").url,
      "https://clerk.example.com/.well-known/oauth-authorization-server/tenant",
    );
    assertEquals(metadataRequest(ISSUER, "oauth-authorization-server"), {
      method: "GET",
      url: "https://clerk.example.com/.well-known/oauth-authorization-server",
      headers: { accept: "application/json" },
    });
  });

  it("requests the other document below the path (OpenID Connect Discovery 1.0, section 4.1)", () => {
    assertEquals(
      metadataRequest("https://clerk.example.com/tenant", "openid-configuration").url,
      "https://clerk.example.com/tenant/.well-known/openid-configuration",
    );
  });
});

describe("readMetadataResponse()", () => {
  it("returns only the members that are used", () => {
    const text = JSON.stringify({ ...WHOLE, jwks_uri: `${ISSUER}/jwks`, response_modes_supported: null });
    assertEquals(readMetadataResponse(answer(200, text), ISSUER), WHOLE);
  });

  for (const status of [404, 410]) {
    it(`treats ${status} as an issuer without metadata`, () => {
      assertEquals(readMetadataResponse(answer(status, "<!doctype html>"), ISSUER), null);
    });
  }

  const refused: [status: number, retryable: boolean][] = [[401, false], [403, false], [429, true], [
    503,
    true,
  ]];
  for (const [status, retryable] of refused) {
    it(`rejects ${status}`, async () => {
      const error = await caught(() => readMetadataResponse(answer(status, "{}"), ISSUER));
      assertEquals([error.code, error.status, error.retryable], ["network", status, retryable]);
    });
  }

  it("rejects anything but a JSON object", async () => {
    for (const text of ["", "<!doctype html>", "[]", "null"]) {
      assertEquals((await caught(() => readMetadataResponse(answer(200, text), ISSUER))).code, "config");
    }
  });
});

describe("parseMetadata()", () => {
  it("returns the endpoints by name", () => {
    assertEquals(parse({}), {
      endpoints: {
        authorization: `${ISSUER}/authorize`,
        token: `${ISSUER}/token`,
        revocation: `${ISSUER}/revoke`,
        userinfo: `${ISSUER}/me`,
      },
      namesItself: false,
      offersFormPost: false,
    });
  });

  it("returns Clerk's paths for an issuer without metadata", () => {
    const { endpoints } = parseMetadata(null, { issuer: ISSUER, endpointOrigins: [] });
    assertEquals(endpoints.token, `${ISSUER}/oauth/token`);
  });

  it("tells what else the issuer can do", () => {
    const { endpoints, namesItself, offersFormPost } = parse({
      device_authorization_endpoint: `${ISSUER}/device`,
      authorization_response_iss_parameter_supported: true,
      response_modes_supported: ["query", "form_post"],
    });
    assertEquals([endpoints.deviceAuthorization, namesItself, offersFormPost], [
      `${ISSUER}/device`,
      true,
      true,
    ]);
  });

  it("believes only a real 'true' and a real list", () => {
    const { namesItself, offersFormPost } = parse({
      authorization_response_iss_parameter_supported: "true",
      response_modes_supported: "form_post",
    });
    assertEquals([namesItself, offersFormPost], [false, false]);
  });

  it("accepts an endpoint elsewhere if that origin is configured", () => {
    const elsewhere = { token_endpoint: "https://login.example.com/token" };
    const { endpoints } = parse(elsewhere, ["https://login.example.com"]);
    assertEquals(endpoints.token, "https://login.example.com/token");
  });

  const wrong: [what: string, members: JsonObject, says: string][] = [
    ["of another issuer", { issuer: "https://evil.example" }, "another issuer"],
    ["of the issuer with a slash", { issuer: `${ISSUER}/` }, "another issuer"],
    ["of the issuer in capitals", { issuer: "https://CLERK.example.com" }, "another issuer"],
    ["without an issuer", { issuer: undefined }, "another issuer"],
    ["with two issuers", { issuer: [ISSUER] }, "another issuer"],
    ["without a token endpoint", { token_endpoint: undefined }, "'token_endpoint' is required"],
    ["without an authorization endpoint", { authorization_endpoint: undefined }, "is required"],
    ["with an endpoint that is a number", { userinfo_endpoint: 7 }, "'userinfo_endpoint'"],
    ["with an endpoint in the clear", { token_endpoint: "http://clerk.example.com/token" }, "https"],
    ["with a script for an endpoint", { authorization_endpoint: "javascript:alert(1)" }, "https"],
    ["with a relative endpoint", { token_endpoint: "/token" }, "must be a URL"],
    ["with a fragment", { authorization_endpoint: `${ISSUER}/authorize#x` }, "fragment"],
    ["with a password", { token_endpoint: "https://a:s3cret@clerk.example.com/token" }, "password"],
    ["with an endpoint of someone else", { revocation_endpoint: "https://evil.example/x" }, "another origin"],
    ["with an endpoint on another port", { token_endpoint: `${ISSUER}:8443/token` }, "another origin"],
    ["with an endpoint on this machine", { token_endpoint: "http://127.0.0.1:1/token" }, "another origin"],
    ["with a device endpoint elsewhere", {
      device_authorization_endpoint: "https://evil.example/device",
    }, "another origin"],
  ];
  for (const [what, members, says] of wrong) {
    it(`rejects metadata ${what}`, async () => {
      const error = await caught(() => parse(members));
      assertEquals(error.code, "config");
      assertStringIncludes(error.message, says);
      assertFalse(error.message.includes("s3cret"));
      assert(!error.message.includes("evil"), "a foreign name stands in the message");
    });
  }

  it("names the origin to configure in its action", async () => {
    const { action } = await caught(() => parse({ token_endpoint: "https://login.example.com/token" }));
    assertStringIncludes(action, "https://login.example.com");
    assertStringIncludes(action, "endpointOrigins");
  });
});
