import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ClerkCliAuth, type ClerkCliAuthConfig } from "@clerk/cli-auth";
import { resolveConfig } from "../doors/client.ts";
import { caught } from "../harness/caught.ts";
import { assertLinear } from "../harness/linear_time.ts";

const CONFIG: ClerkCliAuthConfig = { clientId: "client", issuer: "https://clerk.example.com" };

describe("new ClerkCliAuth()", () => {
  const wrong: [config: unknown, names: string][] = [
    [undefined, "configuration"],
    [null, "configuration"],
    [{}, "'clientId'"],
    [{ issuer: CONFIG.issuer }, "'clientId'"],
    [{ ...CONFIG, clientId: " " }, "'clientId'"],
    [{ ...CONFIG, clientId: 7 }, "'clientId'"],
    [{ clientId: "client" }, "'issuer'"],
    [{ ...CONFIG, issuer: "clerk.example.com" }, "'issuer'"],
    [{ ...CONFIG, issuer: "http://clerk.example.com" }, "'issuer'"],
    [{ ...CONFIG, endpoints: "oidc" }, "'endpoints'"],
    [{ ...CONFIG, endpointOrigins: "https://login.example.com" }, "'endpointOrigins'"],
    [{ ...CONFIG, endpointOrigins: ["https://login.example.com/x"] }, "'endpointOrigins'"],
    [{ ...CONFIG, endpointOrigins: ["http://login.example.com"] }, "'endpointOrigins'"],
    [{ ...CONFIG, responseMode: "fragment" }, "'responseMode'"],
    [{ ...CONFIG, responseMode: "form_post" }, "'endpoints: \"discover\"'"],
    [{ ...CONFIG, scopes: "openid email" }, "'scopes'"],
    [{ ...CONFIG, scopes: ["openid email"] }, "'scopes'"],
    [{ ...CONFIG, scopes: [undefined] }, "'scopes'"],
    [{ ...CONFIG, scopes: [{ toString: null }] }, "'scopes'"],
    [{ ...CONFIG, page: null }, "'page' must be an object: got null"],
    [{ ...CONFIG, page: "dark" }, "'page' must be an object"],
    [{ ...CONFIG, storage: "cloud" }, "'storage'"],
    [{ ...CONFIG, storage: { get() {}, set() {} } }, "'storage'"],
    [{ ...CONFIG, environment: "" }, "'environment'"],
    [{ ...CONFIG, callbackPort: 70_000 }, "got 70000"],
    [{ ...CONFIG, callbackPort: -1 }, "'callbackPort'"],
    [{ ...CONFIG, callbackPort: 1.5 }, "'callbackPort'"],
    [{ ...CONFIG, callbackPort: "8080" }, "'callbackPort'"],
    [{ ...CONFIG, callbackPort: [] }, "'callbackPort'"],
    [{ ...CONFIG, callbackPort: [8080, NaN] }, "'callbackPort'"],
    [{ ...CONFIG, loginTimeoutMs: 0 }, "'loginTimeoutMs'"],
    [{ ...CONFIG, requestTimeoutMs: -1 }, "'requestTimeoutMs'"],
    [{ ...CONFIG, requestTimeoutMs: NaN }, "'requestTimeoutMs'"],
    [{ ...CONFIG, identityEndpoint: "http://api.example.com" }, "'identityEndpoint'"],
    [{ ...CONFIG, tokenEnvVar: "" }, "'tokenEnvVar'"],
    [{ ...CONFIG, page: { accentColor: "red" } }, "'page.accentColor'"],
    [{ ...CONFIG, page: { accentColor: "#12345" } }, "'page.accentColor'"],
    [{ ...CONFIG, page: { accentColor: "#fff } * { background: url(//x)" } }, "'page.accentColor'"],
    [{ ...CONFIG, page: { accentColor: "#fff\n" } }, "'page.accentColor'"],
    [{ ...CONFIG, page: { backgroundColor: { light: "#fff" } } }, "'page.backgroundColor'"],
    [{ ...CONFIG, page: { backgroundColor: { light: "#fff", dark: "</style>" } } }, "'page.backgroundColor'"],
    [{ ...CONFIG, page: { successUrl: "http://example.com" } }, "'page.successUrl'"],
    [{ ...CONFIG, page: { successUrl: "javascript:alert(1)" } }, "'page.successUrl'"],
    [{ ...CONFIG, page: { successUrl: "https://ada:secret@example.com" } }, "'page.successUrl'"],
  ];
  for (const [config, names] of wrong) {
    it(`rejects ${JSON.stringify(config)}, and names ${names}`, async () => {
      const error = await caught(() => new ClerkCliAuth(config as ClerkCliAuthConfig));
      assertEquals([error.code, error.exitCode], ["config", 2]);
      assertStringIncludes(error.message, names);
    });
  }

  it("accepts an issuer with any number of trailing slashes in linear time", () => {
    assertLinear((size) => new ClerkCliAuth({ ...CONFIG, issuer: CONFIG.issuer + "/".repeat(size) }), 20_000);
  });

  it("reads, sends and opens nothing", () => {
    const trap = () => {
      throw new Error("too early");
    };
    new ClerkCliAuth({
      ...CONFIG,
      fetch: trap,
      openBrowser: trap,
      storage: { get: trap, set: trap, delete: trap },
    });
  });
});

describe("resolveConfig()", () => {
  it("fills in the documented defaults", () => {
    const { scopes, environment, callbackPorts, loginTimeoutMs, requestTimeoutMs, revokePrevious, ui } =
      resolveConfig(CONFIG);
    assertEquals(
      { scopes, environment, callbackPorts, loginTimeoutMs, requestTimeoutMs, revokePrevious, ui },
      {
        scopes: ["profile", "email", "openid", "offline_access"],
        environment: "default",
        callbackPorts: [0],
        loginTimeoutMs: 120_000,
        requestTimeoutMs: 30_000,
        revokePrevious: true,
        ui: "auto",
      },
    );
  });

  it("keeps durations within the limit of timers", () => {
    const { loginTimeoutMs } = resolveConfig({ ...CONFIG, loginTimeoutMs: 1e12 });
    assertEquals(loginTimeoutMs, 2 ** 31 - 1);
  });

  it("treats undefined as absent", () => {
    const holes = { scopes: undefined, storage: undefined, environment: undefined, callbackPort: undefined };
    assertEquals(resolveConfig(Object.assign({}, CONFIG, holes)).environment, "default");
  });
});
