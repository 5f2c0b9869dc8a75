import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type AuthEvent,
  ClerkCliAuth,
  ClerkCliAuthError,
  type ErrorCode,
  type LoginOptions,
  type LoginResult,
} from "@clerk/cli-auth";
import { login, openContext, pollForTokens, resolveConfig } from "../doors/client.ts";
import { readDeviceAuthorization } from "../doors/core.ts";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { withoutPauses } from "../harness/fake_clock.ts";
import { createFakeRuntime } from "../harness/fake_runtime.ts";
import {
  DEVICE_CODE,
  type DeviceIssuer,
  deviceIssuer,
  INTERVAL_MS,
  USER_CODE,
} from "./support/device_issuer.ts";

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code";

/** A client of such an issuer, with its events. */
function clientOf({ issuer, fetch }: DeviceIssuer) {
  const events: AuthEvent[] = [];
  const config = {
    clientId: "client",
    issuer,
    fetch,
    endpoints: "discover",
    storage: "memory",
    onEvent: (event: AuthEvent) => void events.push(event),
  } as const;
  return { config, events, auth: new ClerkCliAuth({ ...config, ui: "none" }) };
}

/** Signs in with a code. The pauses between two polls pass as soon as they begin. */
function signIn(auth: ClerkCliAuth, options: Omit<LoginOptions, "method"> = {}): Promise<LoginResult> {
  return withoutPauses(() => auth.login({ method: "device", ...options }), INTERVAL_MS);
}

/** The waits between polls that get these errors. */
async function waitsBetween(errors: string[], intervalMs = 5000): Promise<number[]> {
  const waits: number[] = [];
  const rest = [...errors];
  await pollForTokens({
    intervalMs,
    wait: (durationMs) => Promise.resolve(void waits.push(durationMs)),
    ask: () => {
      const error = rest.shift();
      if (error === undefined) return Promise.resolve({ accessToken: "oat_1" });
      const code: ErrorCode = error === "timeout" ? "timeout" : "token_exchange";
      const options = error === "timeout" ? { retryable: true } : { oauthError: error };
      return Promise.reject(new ClerkCliAuthError(code, "not yet", options));
    },
  });
  return waits;
}

describe("RFC 8628, the client", () => {
  it("section 3.1: MUST start by posting a form that names the client", async () => {
    const issuer = deviceIssuer(["tokens"]);
    await signIn(clientOf(issuer).auth, { scopes: ["email", "offline_access"] });
    const [request] = issuer.requests.filter(({ path }) => path === "/device");
    assertEquals(request?.method, "POST");
    assertMatch(request?.contentType ?? "", /^application\/x-www-form-urlencoded/);
    assertEquals(request?.form, { client_id: "client", scope: "email offline_access" });
  });

  it("section 3.1: MUST use TLS: rejects an endpoint without it", async () => {
    const issuer = deviceIssuer(["tokens"]);
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await issuer.fetch(input, init);
      if (!String(input).includes("/.well-known/")) return response;
      const insecure = "http://clerk.example.com/device";
      return Response.json({ ...await response.json(), device_authorization_endpoint: insecure });
    };
    const { auth } = clientOf({ ...issuer, fetch });
    assertEquals((await caught(() => signIn(auth))).code, "config");
    assertEquals(issuer.polls(), []);
  });

  it("section 3.2: without an interval, MUST use 5 seconds", () => {
    const body = {
      device_code: "d",
      user_code: "u",
      verification_uri: "https://x.example/",
      expires_in: 600,
    };
    for (const interval of [undefined, null, "soon"]) {
      const answer = { status: 200, headers: new Headers(), text: JSON.stringify({ ...body, interval }) };
      assertEquals(readDeviceAuthorization(answer).intervalMs, 5000);
    }
  });

  it("section 3.3: MUST show the user code and the verification URI", async () => {
    const issuer = deviceIssuer(["tokens"]);
    const runtime = await createFakeRuntime({ isInteractive: true });
    const context = await openContext(resolveConfig(clientOf(issuer).config), runtime);
    await withoutPauses(() => login(context, { method: "device" }), INTERVAL_MS);
    const lines = runtime.written.split("\n");
    assert(lines.includes(USER_CODE));
    assert(lines.includes(`${issuer.issuer}/activate`));
  });

  it("section 3.3.1: SHOULD show the user code even with a URI that contains it", async () => {
    const issuer = deviceIssuer(["tokens"]);
    const { auth, events } = clientOf(issuer);
    await signIn(auth);
    const event = events.find(({ type }) => type === "device_code");
    assert(event?.type === "device_code");
    assertEquals(event.userCode, USER_CODE);
    assertStringIncludes(event.verificationUriComplete ?? "", USER_CODE);
  });

  it("section 3.4: grant_type MUST be that of the device code, with the device code and the client", async () => {
    const issuer = deviceIssuer(["tokens"]);
    await signIn(clientOf(issuer).auth);
    const form = { grant_type: GRANT_TYPE, device_code: DEVICE_CODE, client_id: "client" };
    assertEquals(issuer.polls().map((poll) => [poll.method, poll.form]), [["POST", form]]);
  });

  it("section 3.5: on authorization_pending SHOULD poll again", async () => {
    const issuer = deviceIssuer(["authorization_pending", "authorization_pending", "tokens"]);
    const { user } = await signIn(clientOf(issuer).auth);
    assertEquals([user.sub, issuer.polls().length], ["user_1", 3]);
  });

  it("section 3.5: MUST wait for the interval before every poll, including the first one", async () => {
    assertEquals(await waitsBetween(["authorization_pending", "authorization_pending"], 7000), [
      7000,
      7000,
      7000,
    ]);
  });

  it("section 3.5: on slow_down MUST lengthen the interval by 5 seconds, for this and all later polls", async () => {
    const errors = ["slow_down", "authorization_pending", "slow_down", "authorization_pending"];
    assertEquals(await waitsBetween(errors), [5000, 10_000, 10_000, 15_000, 15_000]);
  });

  it("section 3.5: on a timeout of the connection MUST poll less often, by exponential backoff", async () => {
    assertEquals(await waitsBetween(["timeout", "timeout", "authorization_pending"]), [
      5000,
      10_000,
      20_000,
      5000,
    ]);
  });

  it("section 3.5: MUST stop at any other error", async () => {
    const codes = {
      expired_token: "timeout",
      access_denied: "access_denied",
      invalid_grant: "token_exchange",
    };
    for (const [error, code] of Object.entries(codes)) {
      const issuer = deviceIssuer([error, "tokens"]);
      const failure = await caught(() => signIn(clientOf(issuer).auth));
      assertEquals([failure.code, failure.oauthError, issuer.polls().length], [code, error, 1]);
    }
  });

  it("section 3.5: MUST NOT continue after the code has expired", async () => {
    const pending = Array.from({ length: 100 }, () => "authorization_pending");
    const issuer = deviceIssuer(pending, { authorization: { expires_in: 12 } });
    const error = await caught(() => signIn(clientOf(issuer).auth));
    assertEquals(error.code, "timeout");
    assertEquals(issuer.polls().length, 2);
  });

  it("section 3.5: SHOULD wait for the user before a new attempt: an expired code starts none", async () => {
    const issuer = deviceIssuer(["expired_token", "tokens"]);
    await caught(() => signIn(clientOf(issuer).auth));
    assertEquals(issuer.requests.filter(({ path }) => path === "/device").length, 1);
  });

  it("sections 5.3 and 5.4: the device code MUST stay secret: it is neither shown nor reported", async () => {
    const issuer = deviceIssuer(["invalid_grant"]);
    const { config, events } = clientOf(issuer);
    const runtime = await createFakeRuntime({ isInteractive: true });
    const context = await openContext(resolveConfig(config), runtime);
    const error = await caught(() => withoutPauses(() => login(context, { method: "device" }), INTERVAL_MS));
    assertFalse((runtime.written + JSON.stringify(events) + everythingSaidBy(error)).includes(DEVICE_CODE));
  });

  it("section 5.4: a URI that is not a web address MUST NOT be shown to the user", async () => {
    for (
      const verification_uri of [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://evil.example/",
        "activate",
      ]
    ) {
      const issuer = deviceIssuer(["tokens"], { authorization: { verification_uri } });
      const { auth, events } = clientOf(issuer);
      assertEquals((await caught(() => signIn(auth))).code, "token_exchange");
      assertFalse(events.some(({ type }) => type === "device_code"));
    }
  });
});
