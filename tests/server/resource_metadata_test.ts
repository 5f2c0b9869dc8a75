import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ClerkCliAuthError, cliAuth, fetchHandler, handle, resourceMetadata } from "@clerk/cli-auth/server";
import { misaddressed } from "../harness/misaddressed.ts";
import { createSoloClient } from "./support/solo_client.ts";

const RESOURCE = { issuer: "https://clerk.example.com/", clientId: "client-1", scopes: ["profile", "email"] };
const WELL_KNOWN = "/.well-known/oauth-protected-resource";

describe("protected resource metadata (RFC 9728)", () => {
  it("names the issuer, the client id and the scopes of its resource", async () => {
    const response = resourceMetadata(RESOURCE)(new Request(`https://api.example.com${WELL_KNOWN}/api/me`));
    assertEquals([response.status, response.headers.get("cache-control")], [200, "no-store"]);
    assertStringIncludes(response.headers.get("content-type") ?? "", "application/json");
    assertEquals(await response.json(), {
      resource: "https://api.example.com/api/me",
      authorization_servers: ["https://clerk.example.com"],
      bearer_methods_supported: ["header"],
      scopes_supported: ["profile", "email"],
      clerk_cli_client_id: "client-1",
    });
  });

  it("leaves out what it was not given", async () => {
    const route = resourceMetadata({ issuer: "https://clerk.example.com", scopes: [] });
    assertEquals(await route(new Request(`https://api.example.com${WELL_KNOWN}`)).json(), {
      resource: "https://api.example.com/",
      authorization_servers: ["https://clerk.example.com"],
      bearer_methods_supported: ["header"],
    });
  });

  it("names the URL that it was given, for use behind a proxy", async () => {
    const resource = { ...RESOURCE, url: "https://public.example.com/v1/me" };
    const route = resourceMetadata(resource);
    const metadata = await route(new Request(`http://10.0.0.7:8080${WELL_KNOWN}/v1/me`)).json();
    assertEquals(metadata.resource, "https://public.example.com/v1/me");
    const server = fetchHandler({ client: createSoloClient(), resource, path: "/v1/me" });
    const { headers } = await server.fetch(new Request("http://10.0.0.7:8080/v1/me"));
    assertStringIncludes(
      headers.get("www-authenticate") ?? "",
      `resource_metadata="https://public.example.com${WELL_KNOWN}/v1/me"`,
    );
  });

  it("responds to GET and HEAD only", async () => {
    const route = resourceMetadata(RESOURCE);
    const ask = (method: string) => route(new Request(`https://api.example.com${WELL_KNOWN}`, { method }));
    assertEquals([ask("POST").status, ask("POST").headers.get("allow")], [405, "GET, HEAD"]);
    assertEquals([ask("HEAD").status, await ask("HEAD").text()], [200, ""]);
  });

  it("is not served for an invalid URL", async () => {
    const request = () => misaddressed(new Request("https://api.example.com/me"));
    assertEquals(resourceMetadata(RESOURCE)(request()).status, 400);
    const route = handle({ auth: cliAuth({ client: createSoloClient() }), resource: RESOURCE });
    const { status, headers } = await route(request());
    assertEquals([status, headers.get("www-authenticate")], [401, 'Bearer realm="api"']);
  });

  for (const path of ["/api/me", "/"]) {
    it(`is where the 401 of fetchHandler() at ${path} says, for the requested URL`, async () => {
      const { fetch } = fetchHandler({ client: createSoloClient(), resource: RESOURCE, path });
      const address = `https://api.example.com${path}`;
      const { status, headers } = await fetch(new Request(address));
      const metadataUrl = /resource_metadata="([^"]+)"/.exec(headers.get("www-authenticate") ?? "")?.[1] ??
        "";
      assertEquals(status, 401);
      const metadata = await (await fetch(new Request(metadataUrl))).json();
      assertEquals(metadata.resource, address);
      assertEquals((await fetch(new Request(`${metadataUrl}/x`))).status, 404);
    });
  }

  it("covers every path of a handler without a path, but only under its own prefix", async () => {
    const { fetch } = fetchHandler({ client: createSoloClient(), resource: RESOURCE });
    const ask = async (path: string) => (await fetch(new Request(`https://api.example.com${path}`))).status;
    assertEquals(
      await Promise.all([WELL_KNOWN, `${WELL_KNOWN}/a/b`, `${WELL_KNOWN}s`, "/.well-known"].map(ask)),
      [200, 200, 401, 401],
    );
  });

  it("needs no verifier: it is served before there is a secret key", async () => {
    const { fetch } = fetchHandler({ client: () => Promise.reject(new Error("none")), resource: RESOURCE });
    assertEquals((await fetch(new Request(`https://api.example.com${WELL_KNOWN}`))).status, 200);
  });

  for (
    const [what, resource, name] of [
      ["an issuer without TLS", { issuer: "http://clerk.example.com" }, "issuer"],
      ["an address without TLS", { ...RESOURCE, url: "http://api.example.com" }, "resource.url"],
    ] as const
  ) {
    it(`refuses ${what}, and says which`, () => {
      const error = assertThrows(() => resourceMetadata(resource), ClerkCliAuthError);
      assertEquals((error as ClerkCliAuthError).code, "config");
      assertStringIncludes((error as ClerkCliAuthError).message, name);
    });
  }
});
