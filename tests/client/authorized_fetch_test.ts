import { assertEquals, assertRejects } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { ClerkCliAuth, type ClerkCliAuthConfig } from "@clerk/cli-auth";
import { createEmulator, type EmulatedTokens, type Emulator } from "@clerk/cli-auth/testing";
import { caught } from "../harness/caught.ts";
import { holdFetch } from "../harness/held_fetch.ts";
import { type Backend, bearerRefusal, type SeenRequest, startBackend } from "./support/backend.ts";
import { type StoredSession, storedSession } from "./support/stored_session.ts";

const INVALID = 'error="invalid_token"';

describe("fetch()", () => {
  let emulator: Emulator;
  let issuer: { issuer: string; close(): Promise<void> };
  let tokens: EmulatedTokens;
  let store: StoredSession;
  let backends: Backend[];

  beforeEach(async () => {
    emulator = createEmulator({ behavior: { refreshRevokesAccessTokens: false } });
    issuer = await emulator.listen();
    tokens = await emulator.issueTokens();
    store = storedSession(tokens);
    backends = [];
  });

  afterEach(async () => {
    await Promise.all([issuer, ...backends].map((server) => server.close()));
  });

  async function backend(answer: (request: SeenRequest) => Response): Promise<Backend> {
    const started = await startBackend(answer);
    backends.push(started);
    return started;
  }

  function client({ origin }: Backend, config: Partial<ClerkCliAuthConfig> = {}): ClerkCliAuth {
    const { clientId } = emulator.application;
    return new ClerkCliAuth({
      clientId,
      issuer: issuer.issuer,
      storage: store,
      apiOrigins: [origin],
      ...config,
    });
  }

  /** Rejects the stored token, and accepts any that replaces it. */
  function refusing(parameters: string, status = 401): (request: SeenRequest) => Response {
    const refused = `Bearer ${tokens.accessToken}`;
    return ({ authorization }) =>
      authorization === refused ? bearerRefusal(status, parameters) : new Response("done");
  }

  function bearers({ seen }: Backend): string[] {
    return seen.map(({ authorization }) => authorization?.replace("Bearer ", "") ?? "none");
  }

  function refreshes(): number {
    return emulator.requests.filter(({ endpoint }) => endpoint === "token").length;
  }

  it("adds the bearer token for an allowed origin", async () => {
    const api = await backend(() => new Response("hello"));
    const response = await client(api).fetch(`${api.origin}/notes`, { headers: { "x-mine": "1" } });
    assertEquals(await response.text(), "hello");
    assertEquals(bearers(api), [tokens.accessToken]);
  });

  it("allows the origin of the identityEndpoint by default", async () => {
    const api = await backend(() => new Response("hello"));
    const auth = new ClerkCliAuth({
      clientId: emulator.application.clientId,
      issuer: issuer.issuer,
      storage: store,
      identityEndpoint: `${api.origin}/me`,
    });
    await (await auth.fetch(new URL("/notes", api.origin))).text();
    assertEquals(bearers(api), [tokens.accessToken]);
  });

  it("adds nothing for any other origin", async () => {
    const [api, other] = [await backend(() => new Response()), await backend(() => new Response())];
    await (await client(api).fetch(other.origin)).text();
    assertEquals(bearers(other), ["none"]);
  });

  it("leaves the caller's own Authorization header alone", async () => {
    const api = await backend(() => bearerRefusal(401, INVALID));
    const init = { headers: { authorization: "Bearer mine" } };
    const response = await client(api).fetch(api.origin, init);
    await response.text();
    assertEquals([response.status, ...bearers(api)], [401, "mine"]);
    assertEquals(refreshes(), 0);
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`drops the token if a ${status} leads to another origin`, async () => {
      const other = await backend(({ body, method }) => new Response(`${method} ${body}`));
      const location = `${other.origin}/there`;
      const api = await backend(() => new Response(null, { status, headers: { location } }));
      const response = await client(api).fetch(api.origin, { method: "POST", body: "note" });
      assertEquals(await response.text(), status < 307 ? "GET " : "POST note");
      assertEquals([bearers(api), bearers(other)], [[tokens.accessToken], ["none"]]);
    });
  }

  it("fails if a redirect needs a body again that was already read", async () => {
    const other = await backend(() => new Response());
    const location = `${other.origin}/there`;
    const api = await backend(() => new Response(null, { status: 307, headers: { location } }));
    const init = { method: "POST", body: new Blob(["note"]).stream(), duplex: "half" } as RequestInit;
    const error = await assertRejects(() => client(api).fetch(api.origin, init), TypeError);
    assertEquals([error.message.includes("cannot be sent again"), other.seen.length], [true, 0]);
  });

  it("drops the token even if a redirect stays on the origin", async () => {
    const api = await backend(({ path }) =>
      path === "/" ? new Response(null, { status: 302, headers: { location: "/there" } }) : new Response()
    );
    await (await client(api).fetch(api.origin)).text();
    assertEquals(bearers(api), [tokens.accessToken, "none"]);
  });

  it("returns a redirect if asked to, and fails if asked to", async () => {
    const api = await backend(() => new Response(null, { status: 302, headers: { location: "/" } }));
    const response = await client(api).fetch(api.origin, { redirect: "manual" });
    assertEquals(response.status, 302);
    await assertRejects(() => client(api).fetch(api.origin, { redirect: "error" }), TypeError);
  });

  it("refreshes a token rejected as invalid, once, and repeats the request", async () => {
    const api = await backend(refusing(INVALID));
    const response = await client(api).fetch(api.origin, { method: "POST", body: "note" });
    assertEquals(await response.text(), "done");
    assertEquals(api.seen.map(({ body }) => body), ["note", "note"]);
    assertEquals(bearers(api)[1], store.record()?.accessToken as string);
    assertEquals(refreshes(), 1);
  });

  it("returns the second rejection as it is", async () => {
    const api = await backend(() => bearerRefusal(401, INVALID));
    const response = await client(api).fetch(api.origin);
    assertEquals([response.status, api.seen.length, refreshes()], [401, 2, 1]);
  });

  it("does not repeat a body that was already read, but makes the next call work", async () => {
    const api = await backend(refusing(INVALID));
    const auth = client(api);
    const body = new Blob(["note"]).stream();
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    assertEquals((await auth.fetch(api.origin, init)).status, 401);
    assertEquals((await auth.fetch(new Request(api.origin))).status, 200);
    assertEquals(api.seen.length, 2);
  });

  it("does not repeat a Request with a body", async () => {
    const api = await backend(refusing(INVALID));
    const request = new Request(api.origin, { method: "POST", body: "note" });
    assertEquals((await client(api).fetch(request)).status, 401);
    assertEquals(api.seen.length, 1);
  });

  it("uses the token that another process stored meanwhile instead of refreshing", async () => {
    const others = await emulator.issueTokens();
    const api = await backend((request) => {
      store.put(others);
      return refusing(INVALID)(request);
    });
    assertEquals((await client(api).fetch(api.origin)).status, 200);
    assertEquals(bearers(api), [tokens.accessToken, others.accessToken]);
    assertEquals(refreshes(), 0);
  });

  const passed: [what: string, answer: () => Response][] = [
    ["a 401 without a challenge", () => new Response(null, { status: 401 })],
    ["a 401 without an error", () => bearerRefusal(401, 'realm="notes"')],
    ["a 401 of another error", () => bearerRefusal(401, 'error="invalid_request"')],
    ["a 403 without a challenge", () => new Response(null, { status: 403 })],
    ["another status", () => bearerRefusal(400, INVALID)],
    ["a success", () => bearerRefusal(200, INVALID)],
  ];
  for (const [what, answer] of passed) {
    it(`returns ${what} as it is`, async () => {
      const api = await backend(answer);
      assertEquals((await client(api).fetch(api.origin)).status, answer().status);
      assertEquals([api.seen.length, refreshes()], [1, 0]);
    });
  }

  it("keeps a session without a refresh token that a backend rejects", async () => {
    const { refreshToken: _, ...withoutRefreshToken } = tokens;
    store.put(withoutRefreshToken);
    const api = await backend(() => bearerRefusal(401, INVALID));
    assertEquals((await client(api).fetch(api.origin)).status, 401);
    assertEquals([api.seen.length, store.record()?.accessToken], [1, tokens.accessToken]);
  });

  it("does not refresh a token under a minute old", async () => {
    store.put({ ...tokens, savedAt: Date.now() - 30_000 });
    const api = await backend(() => bearerRefusal(401, INVALID));
    assertEquals((await client(api).fetch(api.origin)).status, 401);
    assertEquals([api.seen.length, refreshes()], [1, 0]);
  });

  it("does not refresh for a token from the environment", async () => {
    process.env.FETCH_TEST_TOKEN = "from-the-environment";
    try {
      const api = await backend(() => bearerRefusal(401, INVALID));
      const response = await client(api, { tokenEnvVar: "FETCH_TEST_TOKEN" }).fetch(api.origin);
      assertEquals([response.status, ...bearers(api)], [401, "from-the-environment"]);
      assertEquals(refreshes(), 0);
    } finally {
      delete process.env.FETCH_TEST_TOKEN;
    }
  });

  for (const parameters of ["", 'error="invalid_request"', 'realm="api"']) {
    it(`does not refresh for a 401 that says ${parameters || "nothing"}`, async () => {
      const api = await backend(() => bearerRefusal(401, parameters));
      await client(api).fetch(api.origin);
      assertEquals([api.seen.length, refreshes()], [1, 0]);
    });
  }

  it("returns the rejection if the refresh fails for now, and keeps the session", async () => {
    const api = await backend(() => bearerRefusal(401, INVALID));
    emulator.faults.add({ endpoint: "token", status: 503 });
    assertEquals((await client(api).fetch(api.origin)).status, 401);
    assertEquals(store.record()?.refreshToken, tokens.refreshToken);
  });

  it("returns the rejection if the session is gone by then, or the refresh ends it", async () => {
    const api = await backend(() => bearerRefusal(401, INVALID));
    const signedOut = await backend(() => {
      store.delete("tokens");
      return bearerRefusal(401, INVALID);
    });
    emulator.revokeGrants();
    assertEquals([(await client(api).fetch(api.origin)).status, api.seen.length, refreshes()], [401, 1, 1]);
    assertEquals(store.record()?.accessToken, undefined);

    store.put(tokens);
    assertEquals((await client(signedOut).fetch(signedOut.origin)).status, 401);
    assertEquals([signedOut.seen.length, refreshes()], [1, 1]);
  });

  it("rejects if the caller aborts during the refresh", async () => {
    const stop = new AbortController();
    const api = await backend(() => bearerRefusal(401, INVALID));
    const { fetch, asked, release } = holdFetch("/oauth/token");
    const call = client(api, { fetch }).fetch(api.origin, { signal: stop.signal });
    await asked;
    stop.abort();
    release();
    assertEquals((await caught(() => call)).code, "cancelled");
  });

  for (const method of ["GET", "POST"]) {
    it(`does not treat a 401 of a ${method} from a redirect's target as a rejection of the token`, async () => {
      const other = await backend(() => bearerRefusal(401, INVALID));
      const location = `${other.origin}/there`;
      const api = await backend(() => new Response(null, { status: 307, headers: { location } }));
      const init = { method, ...(method === "POST" && { body: "note" }) };
      const response = await client(api).fetch(api.origin, init);
      assertEquals([response.status, api.seen.length, other.seen.length, refreshes()], [401, 1, 1, 0]);
    });
  }

  it("asks nobody for scopes without a terminal", async () => {
    const api = await backend(() => bearerRefusal(403, 'error="insufficient_scope", scope="notes:write"'));
    const auth = client(api, { scopes: ["openid", "notes:write"] });
    assertEquals((await auth.fetch(api.origin)).status, 403);
    assertEquals(api.seen.length, 1);
  });

  it("reports that nobody is signed in", async () => {
    store.delete("tokens");
    const api = await backend(() => new Response());
    assertEquals((await caught(() => client(api).fetch(api.origin))).code, "not_authenticated");
    assertEquals(api.seen.length, 0);
  });

  it("works without 'this'", async () => {
    const api = await backend(() => new Response());
    const { fetch } = client(api);
    await fetch(api.origin);
    assertEquals(bearers(api), [tokens.accessToken]);
  });

  it("is a 'config' error if no origin may get the credential", async () => {
    const api = await backend(() => new Response());
    const error = await caught(() => client(api, { apiOrigins: [] }).fetch(api.origin));
    assertEquals([error.code, error.action, api.seen.length], [
      "config",
      "Set 'apiOrigins' or 'identityEndpoint'",
      0,
    ]);
  });

  it("reports that it withheld the credential from an unlisted origin", async () => {
    const api = await backend(() => new Response());
    const events: unknown[] = [];
    const elsewhere = api.origin.replace("127.0.0.1", "localhost");
    await client(api, { onEvent: (event) => events.push(event) }).fetch(elsewhere);
    assertEquals([bearers(api), events], [["none"], [{ type: "credential_withheld", origin: elsewhere }]]);
  });

  it("says in a sentence that the backend cannot be reached", async () => {
    const api = await backend(() => new Response());
    await api.close();
    backends.length = 0;
    const elsewhere = api.origin.replace("127.0.0.1", "localhost");
    const { message } = await caught(() => client(api).fetch(elsewhere));
    assertEquals(message, `${new URL(elsewhere).host} could not be reached`);
    const error = await caught(() => client(api).fetch(api.origin));
    assertEquals([error.code, error.message, error.retryable], [
      "network",
      `${new URL(api.origin).host} could not be reached`,
      true,
    ]);
  });

  it("passes the signal on", async () => {
    const api = await backend(() => new Response());
    await assertRejects(() => client(api).fetch(api.origin, { signal: AbortSignal.abort() }));
  });
});

describe("apiOrigins", () => {
  const config = { clientId: "id", issuer: "https://clerk.example.com" };

  for (const origin of ["http://api.example.com", "https://api.example.com/notes", "api.example.com", ""]) {
    it(`rejects "${origin}"`, async () => {
      const error = await caught(() => new ClerkCliAuth({ ...config, apiOrigins: [origin] }));
      assertEquals([error.code, error.message.includes("'apiOrigins'")], ["config", true]);
    });
  }
});
