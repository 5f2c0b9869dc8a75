import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { ISSUER } from "../flow.ts";

const PATHS = [
  "/jwks",
  "/api_keys",
  "/api_keys/verify",
  "/api_keys/ak_0",
  "/api_keys/ak_0/revoke",
  "/api_keys/ak_0/secret",
  "/oauth_applications/access_tokens/verify",
  "/oauth_applications",
  "/oauth_applications/oa_0",
  "/oauth_applications/oa_0/revoke_token",
  "/users",
  "/users/count",
  "/users/user_0",
  "/users/user_0/organization_memberships",
  "/organizations",
  "/organizations/org_0",
  "/organizations/org_0/memberships",
  "/machines",
  "/machines/mch_0",
  "/instance/oauth_application_settings",
];

function send(
  { fetch, secretKey }: Emulator,
  path: string,
  { headers = {}, ...init }: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(
    new Request(`${ISSUER}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${secretKey}`, ...headers },
    }),
  );
}

describe("the Backend API", () => {
  it("works with and without /v1", async () => {
    const emulator = createEmulator();
    const { secret } = emulator.createApiKey();
    for (const prefix of ["", "/v1"]) {
      const body = JSON.stringify({ secret });
      const response = await send(emulator, `${prefix}/api_keys/verify`, { method: "POST", body });
      assertEquals([response.status, (await response.json()).subject], [200, emulator.user.id]);
    }
  });

  it("has exactly 'application/json' as content type, even for errors", async () => {
    const emulator = createEmulator();
    for (const path of [`/v1/users/${emulator.user.id}`, "/v1/users/unknown", "/v1/nowhere", "/v1/jwks"]) {
      assertEquals((await send(emulator, path)).headers.get("content-type"), "application/json");
    }
  });

  it("requires the secret key for everything", async () => {
    const { fetch, secretKey } = createEmulator();
    const authorizations = ["", "Bearer", "Bearer ", `Basic ${secretKey}`, `Bearer ${secretKey}x`, secretKey];
    for (const path of PATHS) {
      const method = /\/(verify|revoke|revoke_token)$/.test(path) ? "POST" : "GET";
      for (const authorization of authorizations) {
        const headers = { Authorization: authorization };
        const response = await fetch(new Request(`${ISSUER}${path}`, { method, headers }));
        if (response.status === 405) continue;
        assertEquals([path, response.status], [path, 401]);
        assertEquals((await response.json()).errors[0].code, "clerk_key_invalid");
      }
    }
  });

  it("never fails, whatever is sent", async () => {
    const emulator = createEmulator();
    const bodies = [
      "",
      "{",
      "null",
      "[]",
      "1",
      '"text"',
      '{"secret":1,"access_token":{},"name":[],"subject":null}',
      '{"name":"x","subject":"user_' + "0".repeat(27) +
      '","claims":[],"scopes":[1],"seconds_until_expiration":"1"}',
      '{"name":"x","created_by":1,"email_address":"a@example.com","public_metadata":"x","scoped_machines":[null]}',
      '{"__proto__":{"name":"x"},"constructor":1,"secret":"__proto__","access_token":"constructor"}',
      JSON.stringify({ name: "n".repeat(100_000), secret: "s".repeat(100_000) }),
    ];
    for (const path of PATHS) {
      for (const method of ["GET", "POST", "PATCH", "DELETE", "PUT"]) {
        for (const body of method === "GET" ? [null] : bodies) {
          const query = "?limit=-1&offset=x&subject=%00";
          const { status } = await send(emulator, path + query, { method, body });
          assertEquals(status < 500, true, `${method} ${path} ${body?.slice(0, 80)}: ${status}`);
        }
      }
    }
  });

  it("fails on request", async () => {
    const emulator = createEmulator();
    emulator.faults.add({ endpoint: "verify_api_key", status: 429, headers: { "Retry-After": "3" } });
    const response = await send(emulator, "/api_keys/verify", { method: "POST", body: "{}" });
    assertEquals([response.status, response.headers.get("retry-after")], [429, "3"]);
  });
});
