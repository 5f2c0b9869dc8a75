import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type BrowserPage, createScriptedBrowser, type SignInOptions } from "@clerk/cli-auth/testing";
import { sha256 } from "../doors/core.ts";
import { caught } from "../harness/caught.ts";
import { isOfDeadline, onFakeClock, withoutPauses } from "../harness/fake_clock.ts";
import { isListening } from "../harness/raw_request.ts";
import { namesOf, startTestClient, type TestClient } from "../harness/test_client.ts";

const LOGIN_TIMEOUT_MS = 120_000;
/** How long a login waits for the browser to fetch the result page. */
const RESULT_PAGE_MS = 1_000;

let client: TestClient;

/** The port of the last login. */
function lastPort(): number {
  const event = client.events.findLast(({ type }) => type === "authorize_url");
  assert(event?.type === "authorize_url");
  return Number(new URL(event.redirectUri).port);
}

async function assertNothingIsLeft(): Promise<void> {
  assertEquals([...client.entries], []);
  assertFalse(await isListening(lastPort()));
}

/** An opener that walks through the sign-in and keeps the last page. */
function watchedOpener(options?: SignInOptions) {
  const pages: Promise<BrowserPage>[] = [];
  return {
    lastPage: () => pages.at(-1)!,
    openBrowser: async (url: string) => {
      const page = client.browser.signIn(url, options);
      pages.push(page);
      await page;
    },
  };
}

beforeEach(async () => {
  client = await startTestClient();
});
afterEach(() => client.close());

describe("login() signs a user in", () => {
  it("and returns the tokens, as they are stored, and the user", async () => {
    const { tokens, user } = await client.auth.login();
    assertEquals([user.sub, user.email, user.name], [
      client.emulator.user.id,
      "ada@example.com",
      "Ada Lovelace",
    ]);
    assertEquals(Object.keys(tokens).sort(), [
      "accessToken",
      "expiresAt",
      "idToken",
      "refreshToken",
      "scope",
      "tokenType",
    ]);
    assertEquals({ ...tokens }, { ...await client.auth.getTokenSet() });
    const { issuer, clientId, accessToken, refreshToken } = client.record()!;
    assertEquals([issuer, clientId], [client.issuer, "emulator-cli"]);
    assertEquals([accessToken, refreshToken], [tokens.accessToken, tokens.refreshToken]);
    assert(Math.abs(tokens.expiresAt! - Date.now() - 86_400_000) < 60_000);
  });

  it("and frees the port", async () => {
    await client.auth.login();
    assertFalse(await isListening(lastPort()));
  });

  it("with an authorization request by RFC 6749, 7636 and 8252", async () => {
    await client.auth.login();
    const { method, query } = client.requestsTo("authorize")[0]!;
    const { state, nonce, code_challenge, redirect_uri, ...rest } = query;
    assertEquals([method, rest], ["GET", {
      response_type: "code",
      client_id: "emulator-cli",
      scope: "profile email openid offline_access",
      code_challenge_method: "S256",
    }]);
    assertEquals(redirect_uri, `http://127.0.0.1:${lastPort()}/callback`);
    for (const random of [state, nonce, code_challenge]) assertMatch(random ?? "", /^[\w-]{43}$/);
    assertEquals(new Set([state, nonce, code_challenge]).size, 3);
  });

  it("with a token request that proves the code challenge, and then asks userinfo", async () => {
    const { tokens } = await client.auth.login();
    const { query } = client.requestsTo("authorize")[0]!;
    const { form, headers } = client.requestsTo("token")[0]!;
    const { code, code_verifier, ...rest } = form;
    assertEquals(rest, {
      grant_type: "authorization_code",
      client_id: "emulator-cli",
      redirect_uri: query.redirect_uri!,
    });
    assert(code);
    assertEquals(await sha256(code_verifier!), query.code_challenge);
    assertEquals([headers.authorization, headers.cookie], [undefined, undefined]);
    const [userinfo] = client.requestsTo("userinfo");
    assertEquals(userinfo?.headers.authorization, `Bearer ${tokens.accessToken}`);
    assertEquals(client.emulator.requests.slice(-2).map(({ endpoint }) => endpoint), ["token", "userinfo"]);
  });

  it("and uses no state, nonce or verifier twice", async () => {
    await client.auth.login();
    await client.auth.login();
    const values = client.requestsTo("authorize").flatMap(({ query }) => [
      query.state,
      query.nonce,
      query.code_challenge,
    ]);
    assertEquals(new Set(values).size, 6);
  });

  it("and reports what happens, without a token, a code or a verifier", async () => {
    const { tokens } = await client.auth.login();
    const names = namesOf(client.events).filter((name) => name !== "browser");
    assertEquals(names, ["authorize_url", "waiting", "code_received", "stored"]);
    const told = JSON.stringify(client.events);
    const { code, code_verifier } = client.requestsTo("token")[0]!.form;
    for (const secret of [tokens.accessToken, tokens.refreshToken, tokens.idToken, code, code_verifier]) {
      assertFalse(told.includes(secret!));
    }
  });

  it("even if an event listener throws", async () => {
    const auth = client.another({
      onEvent: () => {
        throw new Error("not my day");
      },
    });
    assertEquals((await auth.login()).user.email, "ada@example.com");
  });

  it("twice at the same time", async () => {
    const login = () => client.another({ openBrowser: createScriptedBrowser().opener() }).login();
    const [first, second] = await Promise.all([login(), login()]);
    assertEquals([first.user.sub, second.user.sub], [client.emulator.user.id, client.emulator.user.id]);
  });
});

describe("login() requests", () => {
  it("the scopes of the configuration, or of this login", async () => {
    const auth = client.another({ scopes: ["openid", "email"] });
    await auth.login();
    await auth.login({ scopes: ["email"] });
    assertEquals(
      client.requestsTo("authorize").map(({ query }) => [query.scope, query.nonce !== undefined]),
      [
        ["openid email", true],
        ["email", false],
      ],
    );
  });

  it("a prompt", async () => {
    await client.auth.login({ prompt: "consent" });
    assertEquals(client.requestsTo("authorize")[0]?.query.prompt, "consent");
  });

  for (const scopes of [["two words"], [""], ['a"b'], ["ümlaut"]]) {
    it(`no scope such as ${JSON.stringify(scopes)}`, async () => {
      assertEquals((await caught(() => client.auth.login({ scopes }))).code, "config");
      assertEquals(client.emulator.requests.length, 0);
    });
  }

  it("its callback port, or the next in the list if that is in use", async () => {
    const busy = Number(new URL(client.issuer).port);
    const other = await startTestClient();
    const free = Number(new URL(other.issuer).port);
    await other.close();
    await client.another({ callbackPort: [busy, free] }).login();
    assertEquals(lastPort(), free);
    const error = await caught(() => client.another({ callbackPort: busy }).login());
    assertEquals(error.code, "config");
    assertStringIncludes(error.message, String(busy));
  });
});

describe("login() shows in the browser", () => {
  it("who signed in to what", async () => {
    const { openBrowser, lastPage } = watchedOpener();
    await client.another({ openBrowser, appName: "Notes <3" }).login();
    const { url, status, title, body } = await lastPage();
    assertEquals([status, title], [200, "Signed in to Notes &lt;3".replace("&lt;", "<")]);
    assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+\/done\/[\w-]{43}$/);
    assertStringIncludes(body, "You are signed in as ada@example.com.");
  });

  it("that the consent was denied", async () => {
    const { openBrowser, lastPage } = watchedOpener({ decision: "deny" });
    await caught(() => client.another({ openBrowser, appName: "Notes" }).login());
    const { title, body } = await lastPage();
    assertEquals(title, "Not signed in to Notes");
    assertStringIncludes(body, "You denied access");
  });

  it("that the tokens could not be obtained", async () => {
    client.emulator.faults.add({ endpoint: "token", status: 503 });
    const { openBrowser, lastPage } = watchedOpener();
    await caught(() => client.another({ openBrowser }).login());
    assertEquals((await lastPage()).title, "Not signed in");
  });

  it("that they could not be stored", async () => {
    const { openBrowser, lastPage } = watchedOpener();
    const storage = failingStore();
    await caught(() => client.another({ openBrowser, storage }).login());
    assertEquals((await lastPage()).title, "Not signed in");
  });

  it("that nobody could tell who signed in", async () => {
    client.emulator.faults.add({ endpoint: "userinfo", status: 500 });
    const { openBrowser, lastPage } = watchedOpener();
    await caught(() => client.another({ openBrowser }).login());
    assertEquals((await lastPage()).title, "Not signed in");
  });
});

describe("login() lets a caller's opener", () => {
  it("fetch the callback itself and wait for its response", async () => {
    let answer: Promise<string> | undefined;
    const openBrowser = async (url: string) => {
      const { url: callback } = await client.browser.signIn(url, { visitCallback: false });
      answer = fetch(callback).then((response) => response.text());
      await answer;
    };
    await client.another({ openBrowser }).login();
    assertStringIncludes(await answer ?? "", "You are signed in");
  });

  it("fetch the callback without following the redirect", async () => {
    let answered: Promise<Response> | undefined;
    const openBrowser = async (url: string) => {
      const { url: callback } = await client.browser.signIn(url, { visitCallback: false });
      answered = fetch(callback, { redirect: "manual" });
    };
    const auth = client.another({ openBrowser });
    await withoutPauses(() => auth.login(), RESULT_PAGE_MS);
    const response = await answered;
    await response?.body?.cancel();
    assertEquals(response?.status, 303);
  });

  it("return nothing, true, or never", async () => {
    for (const result of [undefined, true, new Promise<void>(() => {})] as const) {
      const openBrowser = (url: string) => {
        client.browser.signIn(url);
        return result as undefined;
      };
      assertEquals((await client.another({ openBrowser }).login()).user.email, "ada@example.com");
    }
  });

  it("say that it opened none, or throw: without a terminal that ends the login", async () => {
    const failure = new Error("no display");
    for (const openBrowser of [() => false, () => Promise.reject(failure)]) {
      const error = await caught(() => client.another({ openBrowser, tokenEnvVar: "NOTES_TOKEN" }).login());
      assertEquals(error.code, "no_browser");
      assertStringIncludes(error.action, "NOTES_TOKEN");
      await assertNothingIsLeft();
    }
  });

  it("fail after the sign-in is finished", async () => {
    const openBrowser = async (url: string) => {
      await client.browser.signIn(url);
      throw new Error("too late to matter");
    };
    assertEquals((await client.another({ openBrowser }).login()).user.email, "ada@example.com");
  });
});

describe("login() keeps waiting", () => {
  it("after a wrong state, and then accepts the right one", async () => {
    const statuses: number[] = [];
    const openBrowser = async (url: string) => {
      const callback = new URL(new URL(url).searchParams.get("redirect_uri")!);
      for (const query of ["code=x&state=wrong", "error=access_denied&state=wrong", "code=x", ""]) {
        callback.search = query;
        const response = await fetch(callback);
        await response.body?.cancel();
        statuses.push(response.status);
      }
      await client.browser.signIn(url);
    };
    await client.another({ openBrowser }).login();
    assertEquals(statuses, [400, 400, 400, 400]);
    assertEquals(client.requestsTo("token").length, 1);
  });

  it("until its time is over, and then says what it received", async () => {
    const error = await onFakeClock(async (clock) => {
      const openBrowser = async (url: string) => {
        const response = await fetch(`${new URL(url).searchParams.get("redirect_uri")}?error=invalid_scope`);
        await response.body?.cancel();
        await clock.untilSet(LOGIN_TIMEOUT_MS);
        await clock.advance(LOGIN_TIMEOUT_MS);
      };
      return await caught(() => client.another({ openBrowser }).login());
    }, isOfDeadline);
    assertEquals([error.code, error.retryable], ["timeout", true]);
    assertStringIncludes(error.message, "invalid_scope");
    await assertNothingIsLeft();
  });
});

describe("login() stores nothing", () => {
  it("when the consent is denied", async () => {
    const openBrowser = client.browser.opener({ decision: "deny" });
    const error = await caught(() => client.another({ openBrowser }).login());
    assertEquals([error.code, error.oauthError, error.exitCode], ["access_denied", "access_denied", 1]);
    assertEquals(client.requestsTo("token").length, 0);
    await assertNothingIsLeft();
  });

  it("when nobody may be asked and nobody is signed in at the issuer", async () => {
    const error = await caught(() => client.auth.login({ prompt: "none" }));
    assertEquals([error.code, error.oauthError], ["access_denied", "login_required"]);
    await assertNothingIsLeft();
  });

  it("when the issuer names another issuer in its response (RFC 9207)", async () => {
    const openBrowser = async (url: string) => {
      const { url: callback } = await client.browser.signIn(url, { visitCallback: false });
      await client.browser.open(`${callback}&iss=https://evil.example`);
    };
    assertEquals((await caught(() => client.another({ openBrowser }).login())).code, "token_exchange");
    assertEquals(client.requestsTo("token").length, 0);
    await assertNothingIsLeft();
  });

  it("but accepts the response of an issuer that names itself", async () => {
    client.emulator.behavior.sendIssuerInRedirect = true;
    assertEquals((await client.auth.login()).user.email, "ada@example.com");
  });
});

describe("login() that cannot store its tokens", () => {
  it("revokes them, requests nothing more, and says so", async () => {
    const error = await caught(() => client.another({ storage: failingStore() }).login());
    assertEquals(error.code, "storage");
    assertEquals(client.requestsTo("userinfo").length, 0);
    const [revocation] = client.requestsTo("revoke");
    assertEquals([revocation?.form.token_type_hint, revocation?.status], ["refresh_token", 200]);
    assertFalse(JSON.stringify(error).includes(revocation!.form.token!));
  });
});

describe("login() whose userinfo fails", () => {
  it("rejects with 'userinfo', and keeps the tokens", async () => {
    client.emulator.faults.add({ endpoint: "userinfo", status: 500 });
    const error = await caught(() => client.auth.login());
    assertEquals([error.code, error.status, error.retryable], ["userinfo", 500, true]);
    assert(await client.auth.getTokenSet());
    assertEquals((await client.auth.whoami())?.email, "ada@example.com");
    assertFalse(await isListening(lastPort()));
  });
});

/** A store that reads but does not write. */
function failingStore() {
  return {
    get: () => null,
    set: () => Promise.reject(new Error("disk full")),
    delete: () => {},
  };
}
