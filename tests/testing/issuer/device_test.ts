import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  createEmulator,
  createScriptedBrowser,
  type Emulator,
  type EmulatorOptions,
  type SignInOptions,
} from "@clerk/cli-auth/testing";
import { decodeJwtClaims } from "../../doors/core.ts";
import { type FormAnswer, ISSUER, OPAQUE, postForm, refresh, userinfo } from "../flow.ts";

type Parameters = Record<string, string | undefined>;

const NONCE = "nonce-of-this-device";

function authorizeDevice({ fetch }: Emulator, parameters: Parameters = {}): Promise<FormAnswer> {
  const form = { client_id: "emulator-cli", scope: "openid email offline_access", ...parameters };
  return postForm(fetch, `${ISSUER}/oauth/device_authorization`, { form });
}

function poll({ fetch }: Emulator, deviceCode: unknown, parameters: Parameters = {}): Promise<FormAnswer> {
  const form = {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: "emulator-cli",
    device_code: String(deviceCode),
    ...parameters,
  };
  return postForm(fetch, `${ISSUER}/oauth/token`, { form });
}

/** What the user with the code does. */
async function decide({ fetch }: Emulator, url: unknown, options: SignInOptions = {}): Promise<string> {
  return (await createScriptedBrowser({ fetch }).signIn(String(url), options)).title;
}

/** An emulator with the test's clock. */
function onClock(options: EmulatorOptions = {}) {
  let now = Date.now();
  const emulator = createEmulator({ ...options, now: () => now });
  return { emulator, pass: (seconds: number) => void (now += seconds * 1000) };
}

/** The error in a response, with its status. */
function refusal({ status, body }: FormAnswer): unknown[] {
  return [status, body.error];
}

describe("the device authorization endpoint", () => {
  it("returns both codes, and where to enter one: on another origin than the issuer", async () => {
    const { status, headers, body } = await authorizeDevice(createEmulator());
    assertEquals([status, headers.get("cache-control")], [200, "no-store"]);
    const { device_code, user_code, ...rest } = body;
    assertMatch(String(device_code), /^[\w-]{43}$/);
    assertMatch(String(user_code), /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    assertEquals(rest, {
      verification_uri: "http://localhost:8787/device",
      verification_uri_complete: `http://localhost:8787/device?user_code=${user_code}`,
      expires_in: 600,
      interval: 5,
    });
  });

  it("returns the lifetime and the interval of the behavior", async () => {
    const behavior = { deviceCodeLifetimeSeconds: 60, devicePollIntervalSeconds: 1 };
    const { body } = await authorizeDevice(createEmulator({ behavior }));
    assertEquals([body.expires_in, body.interval], [60, 1]);
  });

  const refused: [what: string, parameters: Parameters, status: number, error: string][] = [
    ["an unknown client", { client_id: "nobody" }, 401, "invalid_client"],
    ["a scope that the application may not have", { scope: "nonsense" }, 400, "invalid_scope"],
    ["a nonce of 7 characters", { nonce: "1234567" }, 400, "invalid_request"],
    ["a resource that is no URI", { resource: "nonsense" }, 400, "invalid_target"],
  ];
  for (const [what, parameters, status, error] of refused) {
    it(`rejects ${what} with ${status} ${error}`, async () => {
      assertEquals(refusal(await authorizeDevice(createEmulator(), parameters)), [status, error]);
    });
  }

  it("authenticates a confidential client", async () => {
    const emulator = createEmulator();
    const { clientId, clientSecret } = emulator.createApplication({ public: false });
    const client = { client_id: clientId, client_secret: clientSecret ?? "" };
    assertEquals((await authorizeDevice(emulator, client)).status, 200);
    assertEquals(refusal(await authorizeDevice(emulator, { client_id: clientId })), [401, "invalid_client"]);
  });

  it("rejects an application that may not use the grant, as the Backend API creates them", async () => {
    const emulator = createEmulator();
    const body = JSON.stringify({ name: "CLI", public: true, redirect_uris: ["http://127.0.0.1/callback"] });
    const headers = { Authorization: `Bearer ${emulator.secretKey}` };
    const created = await emulator.fetch(
      new Request(`${ISSUER}/v1/oauth_applications`, { method: "POST", headers, body }),
    );
    const { client_id } = await created.json();
    const client = { client_id, scope: "email" };
    assertEquals(refusal(await authorizeDevice(emulator, client)), [400, "unauthorized_client"]);
    assertEquals(refusal(await poll(emulator, "any", client)), [400, "unauthorized_client"]);
  });

  it("does not exist if the instance does not offer the grant", async () => {
    const emulator = createEmulator({ behavior: { deviceGrant: false } });
    assertEquals((await authorizeDevice(emulator)).status, 404);
    for (const method of ["GET", "POST"]) {
      assertEquals((await emulator.fetch(new Request(`${ISSUER}/device`, { method }))).status, 404);
    }
    assertEquals(refusal(await poll(emulator, "any")), [401, "unsupported_grant_type"]);
  });
});

describe("the token endpoint, given a device code", () => {
  it("returns authorization_pending until the user has decided, then tokens with the nonce, once", async () => {
    const { emulator, pass } = onClock();
    const { body: device } = await authorizeDevice(emulator, { nonce: NONCE });
    assertEquals(refusal(await poll(emulator, device.device_code)), [400, "authorization_pending"]);
    await decide(emulator, device.verification_uri, { userCode: String(device.user_code) });
    pass(5);
    const { status, body } = await poll(emulator, device.device_code);
    assertEquals([status, body.scope], [200, "openid email offline_access"]);
    const claims = decodeJwtClaims(String(body.id_token));
    assertEquals([claims?.nonce, claims?.email], [NONCE, "ada@example.com"]);
    assertEquals((await refresh(emulator.fetch, body.refresh_token)).status, 200);
    pass(5);
    assertEquals(refusal(await poll(emulator, device.device_code)), [400, "invalid_grant"]);
  });

  it("returns slow_down for a poll that comes too soon, and requires five seconds more from then on", async () => {
    const { emulator, pass } = onClock({ behavior: OPAQUE });
    const { body: device } = await authorizeDevice(emulator);
    const answers = [];
    for (const seconds of [0, 4.999, 9.999, 15, 15]) {
      pass(seconds);
      answers.push((await poll(emulator, device.device_code)).body.error);
    }
    const pending = "authorization_pending";
    assertEquals(answers, [pending, "slow_down", "slow_down", pending, pending]);
  });

  it("returns access_denied once the user has denied access", async () => {
    const emulator = createEmulator();
    const { body: device } = await authorizeDevice(emulator);
    const title = await decide(emulator, device.verification_uri_complete, { decision: "deny" });
    assertEquals(title, "Access denied · Emulator");
    assertEquals(refusal(await poll(emulator, device.device_code)), [400, "access_denied"]);
  });

  it("returns expired_token once the code has expired", async () => {
    const { emulator, pass } = onClock();
    const { body: device } = await authorizeDevice(emulator);
    await decide(emulator, device.verification_uri_complete);
    pass(600);
    assertEquals(refusal(await poll(emulator, device.device_code)), [400, "expired_token"]);
  });

  it("rejects a missing code, an unknown one, and another client's", async () => {
    const emulator = createEmulator();
    const { body: device } = await authorizeDevice(emulator);
    const { clientId } = emulator.createApplication();
    const missing = await poll(emulator, "", { device_code: undefined });
    assertEquals(refusal(missing), [400, "invalid_request"]);
    assertEquals(refusal(await poll(emulator, "unknown")), [400, "invalid_grant"]);
    const other = await poll(emulator, device.device_code, { client_id: clientId });
    assertEquals(refusal(other), [400, "invalid_grant"]);
  });
});

describe("the verification page", () => {
  it("accepts the code in lower case and without the hyphen", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const { body: device } = await authorizeDevice(emulator);
    const userCode = String(device.user_code).toLowerCase().replace("-", " ");
    assertEquals(
      await decide(emulator, device.verification_uri, { userCode }),
      "Device signed in · Emulator",
    );
    assertEquals((await poll(emulator, device.device_code)).status, 200);
  });

  it("signs in whoever enters the code, and lets them choose an organization", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    const second = emulator.createOrganization({ name: "Second" });
    const { id } = emulator.createUser({
      email: "grace@example.com",
      organizations: [emulator.organization, second],
    });
    const { body: device } = await authorizeDevice(emulator, { scope: "user:org:read" });
    const options = { email: "grace@example.com", organizationId: second.id };
    await decide(emulator, device.verification_uri_complete, options);
    const { body } = await poll(emulator, device.device_code);
    const { body: user } = await userinfo(emulator.fetch, body.access_token);
    assertEquals([user.sub, user.org_id], [id, second.id]);
  });

  it("shows the application, its scopes, the code, a warning, and both decisions equally", async () => {
    const emulator = createEmulator();
    const { body: device } = await authorizeDevice(emulator);
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    const [code] = (await browser.open(String(device.verification_uri_complete))).forms;
    const [signIn] = (await browser.submit(code!)).forms;
    const consent = await browser.submit(signIn!, { values: { email: "ada@example.com" } });
    for (const text of ["Example CLI", "Read your email address", String(device.user_code)]) {
      assertStringIncludes(consent.body, text);
    }
    assertStringIncludes(consent.body, "Only allow it if you started this sign-in yourself, just now.");
    assertStringIncludes(consent.body, `<button name="decision" value="deny">Deny</button>`);
    assertStringIncludes(consent.body, `<button name="decision" value="allow">Allow</button>`);
  });

  it("always asks, even if the user has consented before, or the application shows no consent page", async () => {
    const emulator = createEmulator({ behavior: { rememberConsent: true } });
    emulator.application.consentScreenEnabled = false;
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    for (let sign = 0; sign < 2; sign++) {
      emulator.requests.length = 0;
      const { body: device } = await authorizeDevice(emulator);
      await browser.signIn(String(device.verification_uri_complete));
      const decisions = emulator.requests.filter(({ form }) => form.decision === "allow");
      assertEquals(decisions.length, 1);
    }
  });

  it("reports a code that is unknown, has expired, or was already used", async () => {
    const { emulator, pass } = onClock();
    const { body: used } = await authorizeDevice(emulator);
    const { body: expired } = await authorizeDevice(emulator);
    await decide(emulator, used.verification_uri_complete);
    pass(600);
    const browser = createScriptedBrowser({ fetch: emulator.fetch });
    for (const code of ["", "BCDF-GHJK", String(used.user_code), String(expired.user_code)]) {
      const [form] = (await browser.open(`${ISSUER}/device`)).forms;
      const page = await browser.submit(form!, { values: { user_code: code } });
      assertEquals([code, page.status], [code, 400]);
      assertStringIncludes(page.body, "No device is waiting with that code.");
    }
  });

  it("lets only one of two people who opened it decide", async () => {
    const emulator = createEmulator({ behavior: OPAQUE });
    emulator.createUser({ email: "grace@example.com" });
    const { body: device } = await authorizeDevice(emulator);
    const [ada, grace] = [0, 1].map(() => createScriptedBrowser({ fetch: emulator.fetch }));
    const [code] = (await ada!.open(String(device.verification_uri_complete))).forms;
    const [signIn] = (await ada!.submit(code!)).forms;
    const [consent] = (await ada!.submit(signIn!, { values: { email: "ada@example.com" } })).forms;
    await grace!.signIn(String(device.verification_uri_complete), {
      email: "grace@example.com",
      decision: "deny",
    });
    assertEquals((await ada!.submit(consent!, { button: "allow" })).status, 400);
    assertEquals(refusal(await poll(emulator, device.device_code)), [400, "access_denied"]);
  });
});

describe("the scripted browser, without a code that works", () => {
  it("fails instead of entering it again and again", async () => {
    const emulator = createEmulator();
    const error = await decide(emulator, `${ISSUER}/device?user_code=BCDF-GHJK`).catch(String);
    assertStringIncludes(error, "status 400");
    assertEquals(emulator.requests.length, 2);
  });
});
