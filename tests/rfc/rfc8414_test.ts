import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { caught } from "../harness/caught.ts";
import { startUntrustedHost } from "./support/untrusted_host.ts";

const ISSUER = "https://clerk.example.com";
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/oauth/authorize`,
  token_endpoint: `${ISSUER}/oauth/token`,
  userinfo_endpoint: `${ISSUER}/oauth/userinfo`,
  revocation_endpoint: `${ISSUER}/oauth/token/revoke`,
};

/** The requests and the outcome of a login at an issuer with this metadata. */
async function discover(
  body: unknown,
  { issuer = ISSUER, init = {} }: { issuer?: string; init?: ResponseInit } = {},
) {
  const asked: { method: string; url: string; redirect: string | undefined }[] = [];
  let address: URL | undefined;
  const auth = new ClerkCliAuth({
    clientId: "client",
    issuer,
    endpoints: "discover",
    storage: "memory",
    ui: "none",
    openBrowser: (url) => {
      address = new URL(url);
      return false;
    },
    fetch: (input, options) => {
      asked.push({ method: options?.method ?? "GET", url: String(input), redirect: options?.redirect });
      const isOpenId = String(input).endsWith("/openid-configuration"); // Another document, which there is not.
      return Promise.resolve(isOpenId ? new Response("", { status: 404 }) : Response.json(body, init));
    },
  });
  // A person is asked for only where the metadata will do.
  const { code } = await caught(() => auth.login());
  return { asked, address, isUsed: code === "no_browser", code };
}

describe("RFC 8414, the client", () => {
  it("section 3: the well-known path goes between the host and the path of the issuer", async () => {
    const issuer = `${ISSUER}/tenant`;
    const { asked } = await discover({ ...METADATA, issuer }, { issuer });
    assertEquals(asked.map(({ url }) => url), [
      `${ISSUER}/tenant/.well-known/openid-configuration`, // OpenID Connect Discovery 1.0, section 4.1.
      `${ISSUER}/.well-known/oauth-authorization-server/tenant`,
    ]);
  });

  it("section 3: a trailing slash of the issuer MUST be removed first", async () => {
    const { asked } = await discover(METADATA, { issuer: `${ISSUER}/` });
    assertEquals(asked.at(-1)?.url, `${ISSUER}/.well-known/oauth-authorization-server`);
  });

  it("section 3.1: MUST be requested with GET", async () => {
    assertEquals((await discover(METADATA)).asked.map(({ method }) => method), ["GET", "GET"]);
  });

  it("section 2: issuer and endpoints MUST be https URLs, the issuer without query and fragment", async () => {
    for (const issuer of ["http://clerk.example.com", `${ISSUER}?a=b`, `${ISSUER}#a`]) {
      const clientId = "client";
      assertEquals(
        (await caught(() => new ClerkCliAuth({ clientId, issuer, endpoints: "discover" }))).code,
        "config",
      );
    }
    for (
      const name of ["authorization_endpoint", "token_endpoint", "revocation_endpoint", "userinfo_endpoint"]
    ) {
      const { isUsed, code } = await discover({ ...METADATA, [name]: "http://clerk.example.com/x" });
      assertEquals([isUsed, code], [false, "config"], name);
    }
  });

  it("section 2: authorization_endpoint and token_endpoint are REQUIRED", async () => {
    for (const name of ["authorization_endpoint", "token_endpoint"] as const) {
      const { [name]: _, ...rest } = METADATA;
      assertEquals((await discover(rest)).code, "config", name);
    }
  });

  it("section 3.2: a response other than 200 with a JSON object MUST NOT be used", async () => {
    for (const status of [201, 400, 403, 500]) {
      assertEquals((await discover(METADATA, { init: { status } })).isUsed, false, String(status));
    }
    for (const body of [[METADATA], "text", 7, null]) assertEquals((await discover(body)).isUsed, false);
  });

  it("sections 3.2 and 2: unknown members MUST be ignored", async () => {
    const { isUsed, address } = await discover({ ...METADATA, unknown: { a: [1] }, signed_metadata: "x" });
    assertEquals([isUsed, address?.pathname], [true, "/oauth/authorize"]);
  });

  it("sections 3.3 and 6.2: if the issuer is not identical, the metadata MUST NOT be used", async () => {
    for (
      const issuer of [
        `${ISSUER}/`,
        `${ISSUER}/tenant`,
        "https://evil.example",
        ISSUER.toUpperCase(),
        undefined,
        [ISSUER],
      ]
    ) {
      const { isUsed, code } = await discover({ ...METADATA, issuer });
      assertEquals([isUsed, code], [false, "config"], String(issuer));
    }
  });

  it("section 6.1: MUST validate the certificate of the issuer", async () => {
    const host = await startUntrustedHost();
    try {
      const auth = new ClerkCliAuth({
        clientId: "client",
        issuer: host.origin,
        endpoints: "discover",
        storage: "memory",
        ui: "none",
        openBrowser: () => false,
      });
      const error = await caught(() => auth.login());
      assertEquals([error.code, host.requests()], ["network", 0]);
    } finally {
      await host.close();
    }
  });

  it("section 6.2: an endpoint on a foreign origin is not used, and no redirect leads to foreign metadata", async () => {
    const { isUsed } = await discover({ ...METADATA, token_endpoint: "https://evil.example/token" });
    const redirected = await discover(null, {
      init: { status: 302, headers: { location: "https://evil.example/" } },
    });
    assertEquals([isUsed, redirected.isUsed, redirected.asked.length], [false, false, 2]);
    assertEquals(redirected.asked[0]?.redirect, "manual");
  });

  it("RFC 6749, section 3.1: the query of the authorization endpoint MUST be retained", async () => {
    const authorization_endpoint = `${METADATA.authorization_endpoint}?tenant=a`;
    const { address } = await discover({ ...METADATA, authorization_endpoint });
    assertEquals([address?.searchParams.get("tenant"), address?.searchParams.get("client_id")], [
      "a",
      "client",
    ]);
  });
});
