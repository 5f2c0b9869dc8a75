import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator } from "@clerk/cli-auth/testing";
import { misaddressed } from "../harness/misaddressed.ts";
import { authorizationUrl, exchangeCode, ISSUER, obtainCode, OPAQUE } from "./flow.ts";

const PATHS = [
  "/",
  "/oauth/authorize",
  "/oauth/token",
  "/oauth/token/revoke",
  "/oauth/token_info",
  "/oauth/userinfo",
  "/.well-known/jwks.json",
  "/.well-known/openid-configuration",
  "/.well-known/oauth-authorization-server",
  "/sign-in",
  "/consent",
];

describe("the emulator's fetch handler", () => {
  it("says in every response that it is not Clerk, including errors", async () => {
    const { fetch } = createEmulator();
    for (
      const address of [
        ...PATHS.map((path) => `${ISSUER}${path}`),
        `${ISSUER}/nowhere`,
        "http://clerk.example/",
      ]
    ) {
      const { headers } = await fetch(new Request(address));
      assertEquals(headers.get("x-emulator"), "@clerk/cli-auth (not Clerk)");
    }
  });

  it("responds 421 unless the host of the URL is loopback", async () => {
    const { fetch } = createEmulator();
    const hosts: [string, number][] = [
      ["127.0.0.1:8787", 200],
      ["localhost:8787", 200],
      ["[::1]:8787", 200],
      ["clerk.example", 421],
      ["127.0.0.1.evil.example", 421],
      ["192.168.0.1", 421],
      ["0.0.0.0", 421],
    ];
    for (const [host, status] of hosts) {
      assertEquals((await fetch(new Request(`http://${host}/`))).status, status, host);
    }
  });

  it("responds 421 unless the Host header is loopback, whatever the URL says", async () => {
    const { fetch, requests } = createEmulator();
    for (const host of ["evil.example", "evil.example:8787", "127.0.0.1@evil.example", "%", ""]) {
      const { status } = await fetch(new Request(`${ISSUER}/`, { headers: { Host: host } }));
      assertEquals(status, 421, host);
    }
    assertEquals(requests, []);
  });

  it("responds 421 to an invalid URL, and says that it is not Clerk", async () => {
    const { status, headers } = await createEmulator().fetch(misaddressed(new Request(ISSUER)));
    assertEquals([status, headers.get("x-emulator")], [421, "@clerk/cli-auth (not Clerk)"]);
  });

  it("responds 404 in Clerk's own shape if there is nothing", async () => {
    const response = await createEmulator().fetch(new Request(`${ISSUER}/oauth/nowhere`));
    assertEquals(response.status, 404);
    assertEquals(response.headers.get("content-type"), "application/json");
    const { errors: [error], clerk_trace_id } = await response.json();
    assertEquals(error.code, "resource_not_found");
    assertMatch(clerk_trace_id, /^\w{32}$/);
  });

  it("responds 405 with Allow to a method that an endpoint lacks", async () => {
    const { fetch } = createEmulator();
    const allowed: [string, string][] = [
      ["/oauth/token", "POST"],
      ["/oauth/userinfo", "HEAD, GET, POST"],
      ["/.well-known/jwks.json", "HEAD, GET"],
    ];
    for (const [path, allow] of allowed) {
      const response = await fetch(new Request(`${ISSUER}${path}`, { method: "PUT", body: "x" }));
      assertEquals([response.status, response.headers.get("allow")], [405, allow]);
    }
  });

  it("responds to HEAD like GET, without a body", async () => {
    const response = await createEmulator().fetch(
      new Request(`${ISSUER}/.well-known/jwks.json`, { method: "HEAD" }),
    );
    assertEquals([response.status, await response.text()], [200, ""]);
  });

  it("responds 413 to a body of more than a mebibyte", async () => {
    const { fetch } = createEmulator();
    const request = (bytes: number) =>
      new Request(`${ISSUER}/oauth/token`, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: "x".repeat(bytes),
      });
    assertEquals((await fetch(request(1024 * 1024))).status, 401);
    assertEquals((await fetch(request(1024 * 1024 + 1))).status, 413);
  });

  it("never fails, whatever is sent", async () => {
    const emulator = createEmulator();
    const junk = [
      "",
      "=&&=&%",
      "%00%ff%fe",
      "a=".repeat(5000),
      `state=${"s".repeat(200_000)}&client_id=emulator-cli`,
      `client_id=emulator-cli&redirect_uri=${encodeURIComponent("http://127.0.0.1:1/callback\r\nX: y")}`,
      "client_id=emulator-cli&redirect_uri=http://127.0.0.1:99999/callback",
      "client_id=__proto__&redirect_uri=constructor",
      "interaction=__proto__&csrf_token=constructor&email=toString&decision=allow",
      "grant_type=refresh_token&client_id=emulator-cli&refresh_token=%F0%9F%92%A9",
      '{"grant_type":"authorization_code"}',
      "\u0000\ud800\uffff",
    ];
    const types = [
      "application/x-www-form-urlencoded",
      "application/json",
      "multipart/form-data",
      "text/plain",
      ";;",
    ];
    const authorizations = [
      "",
      "Bearer",
      "Bearer  ",
      "Basic",
      "Basic ====",
      "Basic Og==",
      "Bearer a.b.c",
      "x".repeat(9000),
    ];
    const cookieName = `__emulator_session_${emulator.instanceId.slice(-8)}`;
    for (const path of PATHS) {
      for (const [index, text] of junk.entries()) {
        const type = types[index % types.length] ?? "";
        const headers = {
          "Authorization": authorizations[index % authorizations.length] ?? "",
          "Cookie": `${cookieName}=${text.replaceAll(/[^!-~]/g, "?").slice(0, 99)}; =; ;;`,
        };
        const get = await emulator.fetch(new Request(`${ISSUER}${path}?${text}`, { headers }));
        const init = { method: "POST", headers: { ...headers, "Content-Type": type }, body: text };
        const post = await emulator.fetch(new Request(`${ISSUER}${path}`, init));
        for (const { status } of [get, post]) assertEquals(status < 500, true, `${path} ${index}: ${status}`);
      }
    }
  });
});

describe("the log of requests", () => {
  it("contains requests and responses, in order, including secrets", async () => {
    let now = 1000;
    const emulator = createEmulator({ behavior: OPAQUE, now: () => now++ });
    const { code, codeVerifier } = await obtainCode(emulator);
    await exchangeCode(emulator.fetch, { code, codeVerifier });
    assertEquals(emulator.requests.map(({ method, path, status }) => [method, path, status]), [
      ["GET", "/oauth/authorize", 303],
      ["GET", "/sign-in", 200],
      ["POST", "/sign-in", 303],
      ["GET", "/consent", 200],
      ["POST", "/consent", 303],
      ["POST", "/oauth/token", 200],
    ]);
    assertEquals(emulator.requests[0]?.query.client_id, "emulator-cli");
    const exchange = emulator.requests.find(({ endpoint }) => endpoint === "token");
    assertEquals([exchange?.form.code, exchange?.form.code_verifier], [code, codeVerifier]);
    assertMatch(exchange?.headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
  });

  it("also contains requests that match no endpoint", async () => {
    const { fetch, requests } = createEmulator();
    await fetch(new Request(`${ISSUER}/nowhere`, { method: "DELETE" }));
    assertEquals(requests.map(({ endpoint, method, status }) => [endpoint, method, status]), [[
      undefined,
      "DELETE",
      404,
    ]]);
  });

  it("forgets the oldest after 10,000", async () => {
    const { fetch, requests } = createEmulator();
    for (let number = 0; number < 10_002; number++) await fetch(new Request(`${ISSUER}/nowhere/${number}`));
    assertEquals([requests.length, requests[0]?.path], [10_000, "/nowhere/2"]);
  });

  it("starts again when its length is set to 0", async () => {
    const { fetch, requests } = createEmulator();
    await fetch(new Request((await authorizationUrl({})).url));
    requests.length = 0;
    await fetch(new Request(`${ISSUER}/`));
    assertEquals(requests.map(({ endpoint }) => endpoint), ["home"]);
  });
});
