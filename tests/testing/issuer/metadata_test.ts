import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createEmulator, type Emulator } from "@clerk/cli-auth/testing";
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from "npm:jose@6.2.18";
import { exchangeCode, ISSUER, obtainCode, obtainTokens, OPAQUE, refresh } from "../flow.ts";

async function getJson({ fetch }: Emulator, path: string): Promise<Record<string, unknown>> {
  return await (await fetch(new Request(`${ISSUER}${path}`))).json();
}

async function keyOf(emulator: Emulator): Promise<Record<string, unknown> | undefined> {
  const { keys } = await getJson(emulator, "/.well-known/jwks.json");
  const [key, ...others] = keys as Record<string, unknown>[];
  assertEquals(others, []);
  return key;
}

async function verify(emulator: Emulator, token: unknown, typ: string) {
  const jwks = await getJson(emulator, "/.well-known/jwks.json");
  const keys = createLocalJWKSet(jwks as unknown as JSONWebKeySet);
  return await jwtVerify(String(token), keys, { typ, algorithms: ["RS256"], issuer: ISSUER });
}

describe("the metadata", () => {
  const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
  const COMMON = {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/oauth/authorize`,
    token_endpoint: `${ISSUER}/oauth/token`,
    revocation_endpoint: `${ISSUER}/oauth/token/revoke`,
    device_authorization_endpoint: `${ISSUER}/oauth/device_authorization`,
    jwks_uri: `${ISSUER}/.well-known/jwks.json`,
    scopes_supported: [
      "openid",
      "profile",
      "email",
      "public_metadata",
      "private_metadata",
      "offline_access",
      "user:org:read",
    ],
    response_types_supported: ["code"],
    grant_types_supported: ["authorization_code", "refresh_token", DEVICE_CODE_GRANT],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "none", "client_secret_post"],
    code_challenge_methods_supported: ["S256"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
  const PATHS = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

  it("differs between the two URLs: only the OpenID configuration has userinfo and introspection", async () => {
    const emulator = createEmulator();
    const { claims_supported, ...openid } = await getJson(emulator, "/.well-known/openid-configuration");
    const oauth = await getJson(emulator, "/.well-known/oauth-authorization-server");
    assertEquals(oauth, { ...COMMON, claims_supported });
    assertEquals(openid, {
      ...COMMON,
      introspection_endpoint: `${ISSUER}/oauth/token_info`,
      userinfo_endpoint: `${ISSUER}/oauth/userinfo`,
      response_modes_supported: ["query", "form_post"],
      backchannel_logout_supported: false,
      frontchannel_logout_supported: false,
    });
  });

  it("omits the device grant if the behavior does not offer it", async () => {
    const emulator = createEmulator({ behavior: { deviceGrant: false } });
    for (const path of PATHS) {
      const metadata = await getJson(emulator, path);
      assertEquals(metadata.device_authorization_endpoint, undefined);
      assertEquals(metadata.grant_types_supported, ["authorization_code", "refresh_token"]);
    }
  });

  it("announces iss in redirects, and omits the revocation endpoint, if the behavior says so", async () => {
    const emulator = createEmulator({
      behavior: { sendIssuerInRedirect: true, advertiseRevocationEndpoint: false },
    });
    const [openid, oauth] = await Promise.all(PATHS.map((path) => getJson(emulator, path)));
    assertEquals(openid?.authorization_response_iss_parameter_supported, true);
    assertEquals([openid?.revocation_endpoint, oauth?.revocation_endpoint], [
      `${ISSUER}/oauth/token/revoke`,
      undefined,
    ]);
  });

  it("lists the custom scopes of the applications", async () => {
    const emulator = createEmulator();
    emulator.application.scopes.push("notes:write");
    const { scopes_supported } = await getJson(emulator, "/.well-known/oauth-authorization-server");
    assertEquals(scopes_supported, [...COMMON.scopes_supported, "notes:write"]);
  });

  it("takes the issuer from the requested host", async () => {
    const response = await createEmulator().fetch(
      new Request("http://localhost:4321/.well-known/openid-configuration"),
    );
    assertEquals((await response.json()).issuer, "http://localhost:4321");
  });
});

describe("the keys", () => {
  it("are one RSA key with the instance's ID as kid, without its private part", async () => {
    const emulator = createEmulator();
    const key = await keyOf(emulator);
    assertEquals(Object.keys(key ?? {}).sort(), ["alg", "e", "kid", "kty", "n", "use"]);
    assertEquals(key?.kid, emulator.instanceId);
  });

  it("are the same for all emulators of a process, except for the kid", async () => {
    const [first, second] = await Promise.all([createEmulator(), createEmulator()].map(keyOf));
    assertEquals(first?.n, second?.n);
    assertNotEquals(first?.kid, second?.kid);
  });

  it("are the emulator's own if it is told to make one", async () => {
    const emulators = [createEmulator(), createEmulator({ signingKey: "instance" })];
    const [shared, own] = await Promise.all(emulators.map(keyOf));
    assertNotEquals(shared?.n, own?.n);
    for (const emulator of emulators) {
      const { access_token } = await obtainTokens(emulator);
      assertEquals((await verify(emulator, access_token, "at+jwt")).payload.sub, emulator.user.id);
    }
  });

  it("match no token of another emulator", async () => {
    const { access_token } = await obtainTokens(createEmulator());
    const { code } = await assertRejects(
      () => verify(createEmulator(), access_token, "at+jwt"),
      errors.JOSEError,
    );
    assertEquals(code, "ERR_JWKS_NO_MATCHING_KEY");
  });
});

describe("an access token", () => {
  it("is a JWT with Clerk's header and claims", async () => {
    const now = Date.now();
    const emulator = createEmulator({ now: () => now });
    const { access_token } = await obtainTokens(emulator);
    const { protectedHeader, payload: { jti, iat, nbf, exp, ...claims } } = await verify(
      emulator,
      access_token,
      "at+jwt",
    );
    assertEquals(protectedHeader, { alg: "RS256", kid: emulator.instanceId, typ: "at+jwt" });
    assertEquals(claims, {
      iss: ISSUER,
      sub: emulator.user.id,
      client_id: "emulator-cli",
      scope: "profile email offline_access",
    });
    assertMatch(jti ?? "", /^oat_[0-9a-f]{32}$/);
    const seconds = Math.floor(now / 1000);
    assertEquals([iat, nbf, exp], [seconds, seconds, seconds + 86_400]);
  });

  it("names the organization with user:org:read", async () => {
    const emulator = createEmulator();
    const { access_token } = await obtainTokens(emulator, { scope: "user:org:read" });
    const { payload } = await verify(emulator, access_token, "at+jwt");
    assertEquals(payload.org_id, emulator.organization.id);
  });

  it("names the chosen organization", async () => {
    const emulator = createEmulator();
    const organization = emulator.createOrganization({ name: "Difference Engines" });
    const user = emulator.createUser({
      email: "grace@example.com",
      organizations: [emulator.organization, organization],
    });
    const { code, codeVerifier } = await obtainCode(emulator, {
      parameters: { scope: "user:org:read" },
      email: user.email ?? "",
      organizationId: organization.id,
    });
    const { body } = await exchangeCode(emulator.fetch, { code, codeVerifier });
    assertEquals((await verify(emulator, body.access_token, "at+jwt")).payload.org_id, organization.id);
  });

  it("is opaque if the behavior says so", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    assertMatch(String((await obtainTokens(emulator)).access_token), /^oat_\w+$/);
  });
});

describe("an ID token", () => {
  it("is a JWT for the client, with the nonce and what the scopes allow", async () => {
    const emulator = createEmulator();
    const { id_token } = await obtainTokens(emulator, { nonce: "of-this-login", scope: "openid email" });
    const { payload: { iat, exp, auth_time, at_hash, ...claims } } = await verify(emulator, id_token, "JWT");
    assertEquals(claims, {
      iss: ISSUER,
      sub: emulator.user.id,
      aud: "emulator-cli",
      nonce: "of-this-login",
      email: "ada@example.com",
      email_verified: true,
    });
    assertEquals([Number(exp) > Number(iat), Number(auth_time) <= Number(iat)], [true, true]);
    assertMatch(String(at_hash), /^[\w-]{22}$/);
  });

  it("is also returned by a refresh, without the nonce", async () => {
    const emulator = createEmulator();
    const { refresh_token } = await obtainTokens(emulator, {
      nonce: "of-this-login",
      scope: "openid offline_access",
    });
    const { body } = await refresh(emulator.fetch, refresh_token);
    assertEquals((await verify(emulator, body.id_token, "JWT")).payload.nonce, undefined);
  });

  it("is not a JWT if the behavior says so", async () => {
    const emulator = createEmulator({ behavior: { idTokenFormat: "opaque" } });
    assertEquals(String((await obtainTokens(emulator, { scope: "openid" })).id_token).includes("."), false);
  });
});

describe("signJwt()", () => {
  it("signs any claims with the instance's key, so that tests can make invalid tokens", async () => {
    const emulator = createEmulator();
    const token = await emulator.signJwt({ iss: ISSUER, sub: "nobody" }, { typ: "strange" });
    assertEquals((await verify(emulator, token, "strange")).payload.sub, "nobody");
  });
});
