import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { createScriptedBrowser, type EmulatorEndpoint, type Fault } from "@clerk/cli-auth/testing";
import { caught, everythingSaidBy } from "../harness/caught.ts";
import { isOfDeadline, onFakeClock } from "../harness/fake_clock.ts";
import { isListening } from "../harness/raw_request.ts";
import { mapStore, startTestClient, type TestClient } from "../harness/test_client.ts";
import { unsignedJwt } from "../harness/unsigned_jwt.ts";

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

async function assertNothingIsLeft(): Promise<void> {
  const event = client.events.findLast(({ type }) => type === "authorize_url");
  assert(event?.type === "authorize_url");
  assertFalse(await isListening(Number(new URL(event.redirectUri).port)));
  assertEquals([...client.entries], []);
}

describe("login() with a failing token endpoint", () => {
  type TokenFault = Omit<Fault<EmulatorEndpoint>, "endpoint">;
  const faults: [what: string, fault: TokenFault, expected: { code: string; retryable: boolean }][] = [
    ["with 500", { status: 500, body: "oops" }, { code: "token_exchange", retryable: true }],
    ["with 429", { status: 429, body: {} }, { code: "token_exchange", retryable: true }],
    ["with invalid_grant", { status: 400, body: { error: "invalid_grant" } }, {
      code: "token_exchange",
      retryable: false,
    }],
    ["with an error of Clerk's own shape", { status: 422, body: { errors: [{ code: "bad" }] } }, {
      code: "token_exchange",
      retryable: false,
    }],
    ["with HTML", { body: "<!doctype html>", headers: { "content-type": "text/html" } }, {
      code: "token_exchange",
      retryable: false,
    }],
    ["with nothing", { body: "" }, { code: "token_exchange", retryable: false }],
    ["without an access token", { body: { token_type: "Bearer" } }, {
      code: "token_exchange",
      retryable: false,
    }],
    ["with a redirect", { status: 307, headers: { location: "/oauth/userinfo" } }, {
      code: "token_exchange",
      retryable: false,
    }],
    ["with two megabytes", { body: " ".repeat(2 * 1024 * 1024) }, {
      code: "token_exchange",
      retryable: false,
    }],
    ["by breaking off in the body", { cut: "body" }, { code: "token_exchange", retryable: true }],
    ["by never answering", { cut: "headers" }, { code: "timeout", retryable: true }],
  ];
  for (const [what, fault, expected] of faults) {
    it(`${what} is '${expected.code}', and stores nothing`, async () => {
      const error = await caught(() =>
        client.meet({ endpoint: "token", ...fault }, () => client.auth.login())
      );
      assertEquals({ code: error.code, retryable: error.retryable }, expected);
      assertEquals(client.requestsTo("token").length, 1);
      assertEquals(client.requestsTo("userinfo").length, 0);
      await assertNothingIsLeft();
    });
  }

  it("that repeats code and verifier in its error reveals neither", async () => {
    const openBrowser = async (url: string) => {
      const { url: callback } = await client.browser.signIn(url, { visitCallback: false });
      const code = new URL(callback).searchParams.get("code");
      client.emulator.faults.add({
        endpoint: "token",
        status: 400,
        body: { error: "invalid_grant", error_description: `The code ${code} is not for this verifier` },
      });
      await client.browser.open(callback);
    };
    const error = await caught(() => client.another({ openBrowser }).login());
    assertStringIncludes(error.message, "is not for this verifier");
    const { code, code_verifier } = client.requestsTo("token")[0]!.form;
    for (const secret of [code, code_verifier]) assertFalse(everythingSaidBy(error).includes(secret!));
  });

  it("that cannot be reached is the step's error, which is retryable", async () => {
    const fetch = () => Promise.reject(new TypeError("connection refused"));
    const error = await caught(() => client.another({ fetch }).login());
    assertEquals([error.code, error.retryable], ["token_exchange", true]);
    await assertNothingIsLeft();
  });
});

describe("login() with an ID token", () => {
  /** A `fetch` that changes the ID token in the token response. */
  function forging(claims: Record<string, unknown>): typeof fetch {
    return async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).endsWith("/oauth/token")) return response;
      const { nonce } = client.requestsTo("authorize").at(-1)!.query;
      const right = {
        iss: client.issuer,
        aud: "emulator-cli",
        nonce,
        sub: client.emulator.user.id,
        iat: 1_700_000_000,
        exp: 1_700_000_060,
      };
      return Response.json({ ...await response.json(), id_token: unsignedJwt({ ...right, ...claims }) });
    };
  }

  it("that is right signs in", async () => {
    assertEquals((await client.another({ fetch: forging({}) }).login()).user.email, "ada@example.com");
  });

  it("that the emulator signed signs in", async () => {
    client.emulator.behavior.idTokenFormat = "jwt";
    assertEquals((await client.auth.login()).user.email, "ada@example.com");
  });

  it("that is not a JWT signs in, and keeps it unread", async () => {
    const { tokens } = await client.auth.login();
    assert(tokens.idToken && !tokens.idToken.includes("."));
  });

  const wrong: Record<string, Record<string, unknown>> = {
    "of another issuer": { iss: "https://evil.example" },
    "for another client": { aud: "another" },
    "of another login": { nonce: "another" },
    "without a nonce": { nonce: undefined },
    "without a time of issue": { iat: undefined },
    "without an expiry": { exp: undefined },
    "without a subject": { sub: undefined },
  };
  for (const [what, claims] of Object.entries(wrong)) {
    it(`${what} is rejected: nothing is stored, and the tokens are revoked`, async () => {
      const error = await caught(() => client.another({ fetch: forging(claims) }).login());
      assertEquals([error.code, client.requestsTo("revoke").length], ["token_exchange", 1]);
      await assertNothingIsLeft();
    });
  }

  it("of another subject than userinfo's is rejected: nothing stays stored, and the tokens are revoked", async () => {
    const error = await caught(() => client.another({ fetch: forging({ sub: "user_other" }) }).login());
    assertEquals([error.code, client.requestsTo("revoke").length], ["userinfo", 1]);
    assertEquals(error.message, "The userinfo endpoint and the ID token name different users");
    assertEquals(error.action, "Sign in again");
    await assertNothingIsLeft();
  });

  it("that was not requested needs no nonce", async () => {
    const auth = client.another({
      fetch: forging({ nonce: undefined }),
      scopes: ["email", "offline_access"],
    });
    assertEquals((await auth.login()).user.email, "ada@example.com");
  });
});

describe("login() that is aborted", () => {
  const steps: [step: string, endpoint: EmulatorEndpoint][] = [
    ["the sign-in page is open", "authorize"],
    ["the code is exchanged", "token"],
  ];
  for (const [step, endpoint] of steps) {
    it(`while ${step} frees the port and stores nothing`, async () => {
      client.emulator.faults.add({ endpoint, cut: "headers" });
      const controller = new AbortController();
      const login = client.auth.login({ signal: controller.signal });
      await client.untilRequested(endpoint);
      controller.abort(new Error("enough"));
      const error = await caught(() => login);
      assertEquals([error.code, error.exitCode, (error.cause as Error).message], [
        "cancelled",
        130,
        "enough",
      ]);
      await assertNothingIsLeft();
    });
  }

  it("during the userinfo request frees the port and keeps the whole record", async () => {
    client.emulator.faults.add({ endpoint: "userinfo", cut: "headers" });
    const controller = new AbortController();
    const login = client.auth.login({ signal: controller.signal });
    await client.untilRequested("userinfo");
    controller.abort();
    assertEquals((await caught(() => login)).code, "cancelled");
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
  });

  it("by its own opener, or by an event listener, ends at once", async () => {
    const givingUp = (controller: AbortController) => [
      { openBrowser: () => controller.abort() },
      { openBrowser: () => {}, onEvent: () => controller.abort() },
    ];
    for (const index of [0, 1]) {
      const controller = new AbortController();
      const auth = client.another(givingUp(controller)[index]);
      const login = () => auth.login({ signal: controller.signal });
      const error = await onFakeClock(() => caught(login), isOfDeadline);
      assertEquals([error.code, client.entries.size], ["cancelled", 0]);
    }
  });

  it("before it starts does nothing", async () => {
    const error = await caught(() => client.auth.login({ signal: AbortSignal.abort() }));
    assertEquals([error.code, client.events.length, client.emulator.requests.length], ["cancelled", 0, 0]);
  });

  it("at any later moment leaves all or nothing", async () => {
    let moments = 0;
    for (let moment = 1; moment <= moments + 1; moment++) {
      const controller = new AbortController();
      moments = 0;
      const pass = () => {
        if (++moments === moment) controller.abort();
      };
      const store = mapStore(client.entries);
      const auth = client.another({
        openBrowser: createScriptedBrowser().opener(),
        onEvent: pass,
        fetch: (...request) => {
          pass();
          return fetch(...request).finally(pass);
        },
        storage: {
          ...store,
          set: async (key, value) => {
            pass();
            await store.set(key, value);
            pass();
          },
        },
      });
      const login = auth.login({ signal: controller.signal });
      const outcome = await login.then(() => "signed in", ({ code }) => code);
      assert(["signed in", "cancelled"].includes(outcome), outcome);
      const { accessToken, refreshToken } = client.record() ?? {};
      assertEquals(accessToken === undefined, refreshToken === undefined);
      await client.auth.logout({ revoke: false });
    }
  });

  it("can be started again", async () => {
    const stop = new AbortController();
    const never = client.another({ openBrowser: () => stop.abort() });
    await caught(() => never.login({ signal: stop.signal }));
    assertEquals((await client.auth.login()).user.email, "ada@example.com");
  });
});
