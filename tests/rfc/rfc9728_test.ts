import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { resourceMetadata, type ResourceOptions } from "@clerk/cli-auth/server";
import { caught } from "../harness/caught.ts";
import {
  challengeOf,
  RESOURCE,
  type ResourceServer,
  startResourceServer,
} from "./support/resource_server.ts";
import { startUntrustedHost } from "./support/untrusted_host.ts";

const ISSUER = "https://clerk.example.com";
const WELL_KNOWN = "https://api.example.com/.well-known/oauth-protected-resource";
const METADATA = {
  resource: RESOURCE,
  authorization_servers: [ISSUER],
  bearer_methods_supported: ["header"],
  clerk_cli_client_id: "client",
};

describe("RFC 9728, the resource server", () => {
  const served = (options: Partial<ResourceOptions> = {}, url = `${WELL_KNOWN}/me`) =>
    resourceMetadata({ issuer: ISSUER, ...options })(new Request(url));

  it("section 2: MUST name the resource, as an https URL without a fragment", async () => {
    const { resource } = await served().json();
    assertEquals([new URL(resource).protocol, new URL(resource).hash], ["https:", ""]);
    const error = await caught(() => served({ url: "http://api.example.com/me" }));
    assertEquals(error.code, "config");
  });

  it("section 3.2: the response MUST be 200 with application/json", async () => {
    const response = served();
    assertEquals(response.status, 200);
    assertMatch(response.headers.get("content-type") ?? "", /^application\/json\b/);
    assertEquals(typeof await response.json(), "object");
  });

  it("section 3.2: members with several values are arrays; those with none MUST be omitted", async () => {
    const metadata = await served({ scopes: [] }).json();
    assert(Array.isArray(metadata.authorization_servers) && Array.isArray(metadata.bearer_methods_supported));
    assertFalse("scopes_supported" in metadata);
    assertFalse(Object.values(metadata).some((value) => Array.isArray(value) && value.length === 0));
  });

  it("section 3.3: MUST name the very resource that the well-known path was inserted into", async () => {
    for (const path of ["", "/me", "/api/v1/me"]) {
      const { resource } = await served({}, WELL_KNOWN + path).json();
      assertEquals(resource, `https://api.example.com${path || "/"}`);
    }
  });

  it("section 5.1: the challenge of a 401 says where the metadata is", async () => {
    const server: ResourceServer = await startResourceServer({ resource: { issuer: ISSUER } });
    try {
      for (const authorization of [undefined, "Bearer ak_unknown"]) {
        const [, url] = /resource_metadata="([^"]*)"/.exec(challengeOf(await server.ask(authorization))) ??
          [];
        assertEquals(url, `${WELL_KNOWN}/me`);
        assertEquals((await served({}, url).json()).resource, RESOURCE);
      }
    } finally {
      await server.close();
    }
  });
});

describe("RFC 9728, the client", () => {
  /** The requests and the outcome with a backend that responds like this. */
  async function discover(body: unknown, { init = {}, resource = RESOURCE }: Discovery = {}) {
    const asked: { method: string; url: string; redirect: string | undefined }[] = [];
    const auth = ClerkCliAuth.discover(resource, {
      allowedIssuers: [ISSUER],
      fetch: (input, options) => {
        const { method = "GET", redirect } = options ?? {};
        asked.push({ method, url: String(input), redirect });
        return Promise.resolve(Response.json(body, init));
      },
    });
    return { asked, outcome: await auth.then(() => "discovered", ({ code }) => code) };
  }
  interface Discovery {
    init?: ResponseInit;
    resource?: string;
  }

  it("section 3: the well-known path goes between the host, and the path and query", async () => {
    const { asked } = await discover({ ...METADATA, resource: "https://api.example.com/api/me?v=1" }, {
      resource: "https://api.example.com/api/me?v=1",
    });
    assertEquals(asked[0]?.url, `${WELL_KNOWN}/api/me?v=1`);
  });

  it("section 3: a trailing slash after the host MUST be removed first", async () => {
    const { asked } = await discover({ ...METADATA, resource: "https://api.example.com/" }, {
      resource: "https://api.example.com/",
    });
    assertEquals(asked[0]?.url, WELL_KNOWN);
  });

  it("section 3.1: MUST be requested with GET", async () => {
    assertEquals((await discover(METADATA)).asked.map(({ method }) => method), ["GET"]);
  });

  it("section 3.2: a response other than 200 with a JSON object MUST NOT be used", async () => {
    for (const status of [201, 400, 404, 500]) {
      assertEquals((await discover(METADATA, { init: { status } })).outcome, "config", String(status));
    }
    for (const body of [[METADATA], "text", null, 7]) assertEquals((await discover(body)).outcome, "config");
  });

  it("section 3.2: unknown members MUST be ignored", async () => {
    assertEquals((await discover({ ...METADATA, unknown: { a: [1] }, jwks_uri: 7 })).outcome, "discovered");
  });

  it("sections 3.3 and 7.3: if the resource is not identical, the metadata MUST NOT be used", async () => {
    for (
      const resource of [
        "https://api.example.com/",
        "https://api.example.com/ME",
        `${RESOURCE}/`,
        "https://evil.example/me",
        undefined,
        [RESOURCE],
      ]
    ) {
      assertEquals((await discover({ ...METADATA, resource })).outcome, "config", String(resource));
    }
  });

  it("section 7.1: MUST use TLS", async () => {
    const { asked, outcome } = await discover(METADATA, { resource: "http://api.example.com/me" });
    assertEquals([outcome, asked.length], ["config", 0]);
  });

  it("section 7.1: MUST validate the certificate of the resource server", async () => {
    const host = await startUntrustedHost();
    try {
      const error = await caught(() =>
        ClerkCliAuth.discover(`${host.origin}/me`, { allowedIssuers: [ISSUER] })
      );
      assertEquals([error.code, host.requests()], ["network", 0]);
    } finally {
      await host.close();
    }
  });

  it("section 7.6: a resource MUST NOT choose the issuer freely: the program lists the allowed ones", async () => {
    for (const issuer of ["https://evil.example", `${ISSUER}.evil.example`, "http://clerk.example.com"]) {
      assertEquals((await discover({ ...METADATA, authorization_servers: [issuer] })).outcome, "config");
    }
    assertEquals(
      (await discover({ ...METADATA, authorization_servers: ["https://evil.example", ISSUER] })).outcome,
      "discovered",
    );
  });

  it("section 7.7: SHOULD guard against server-side request forgery: follows no redirect", async () => {
    const { asked, outcome } = await discover(null, {
      init: { status: 302, headers: { location: "http://169.254.169.254/" } },
    });
    assertEquals([outcome, asked.length, asked[0]?.redirect], ["network", 1, "manual"]);
  });
});
