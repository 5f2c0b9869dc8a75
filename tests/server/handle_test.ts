import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  ClerkCliAuthError,
  cliAuth,
  type ErrorContext,
  handle,
  type HandleOptions,
  type Identity,
} from "@clerk/cli-auth/server";
import { createFailingClient, createSoloClient, type SoloClient } from "./support/solo_client.ts";

const USER = "user_2abcdefghijklmnopqrstuvwxyz";
const ORGANIZATION = "org_2abcdefghijklmnopqrstuvwxyz";

function setUp(options: Partial<HandleOptions<SoloClient>> = {}) {
  const client = createSoloClient({
    ak_user: {
      id: "ak_1",
      subject: USER,
      scopes: ["notes:read"],
      claims: { sub: "user_mallory", plan: "pro" },
    },
    ak_org: { id: "ak_2", subject: ORGANIZATION, scopes: [], claims: null, orgId: ORGANIZATION },
    oat_user: { id: "oat_1", subject: USER, scopes: ["profile"], clientId: "client-1" },
  });
  const errors: unknown[] = [];
  const route = handle({
    auth: cliAuth({ client }),
    onError: (error) => void errors.push(error),
    ...options,
  });
  return { client, errors, ask: (token?: string, init?: RequestInit) => route(requestWith(token, init)) };
}

function requestWith(token?: string, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  return new Request("https://api.example.com/me", { ...init, headers });
}

describe("handle()", () => {
  describe("answers with an identity", () => {
    it("of an API key's user, its claims kept apart", async () => {
      const response = await setUp().ask("ak_user");
      assertEquals([response.status, response.headers.get("cache-control")], [200, "no-store"]);
      assertStringIncludes(response.headers.get("content-type") ?? "", "application/json");
      assertEquals(await response.json(), { sub: USER, claims: { sub: "user_mallory", plan: "pro" } });
    });

    it("of an API key's organization", async () => {
      assertEquals(await (await setUp().ask("ak_org")).json(), { sub: ORGANIZATION, org_id: ORGANIZATION });
    });

    it("of an OAuth access token's user", async () => {
      assertEquals(await (await setUp().ask("oat_user")).json(), { sub: USER });
    });

    it("to HEAD without its body", async () => {
      const response = await setUp().ask("ak_user", { method: "HEAD" });
      assertEquals([response.status, await response.text()], [200, ""]);
    });
  });

  describe("by RFC 6750, section 3, answers", () => {
    it("401 without an error code when no credentials came", async () => {
      const response = await setUp().ask();
      assertEquals(response.status, 401);
      assertEquals(response.headers.get("www-authenticate"), 'Bearer realm="api"');
      assertEquals(await response.json(), {
        error: "not_authenticated",
        error_description: "The Authorization header is missing",
        exit_code: 1,
      });
    });

    it("401 invalid_token to a token that is rejected", async () => {
      const response = await setUp().ask("ak_unknown");
      assertEquals([response.status, response.headers.get("cache-control")], [401, "no-store"]);
      const challenge = response.headers.get("www-authenticate") ?? "";
      assertStringIncludes(challenge, 'Bearer realm="api", error="invalid_token", error_description="');
      assertEquals((await response.json()).error, "not_authenticated");
    });

    it("403 insufficient_scope, naming what is required", async () => {
      const { ask } = setUp({ scopes: ["notes:read", "notes:write"] });
      const response = await ask("ak_user");
      assertEquals(response.status, 403);
      const challenge = response.headers.get("www-authenticate") ?? "";
      assertStringIncludes(challenge, 'error="insufficient_scope"');
      assertStringIncludes(challenge, 'scope="notes:read notes:write"');
      assertEquals((await response.json()).error, "insufficient_scope");
    });

    it("400 invalid_request to a malformed header", async () => {
      const response = await setUp().ask("ak_user, Bearer ak_org");
      assertEquals(response.status, 400);
      assertStringIncludes(response.headers.get("www-authenticate") ?? "", 'error="invalid_request"');
      assertEquals((await response.json()).error, "invalid_request");
    });

    it("405 with Allow to other methods, without looking at the token", async () => {
      const { ask, client } = setUp();
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
        const response = await ask("ak_user", { method });
        assertEquals([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
        assertEquals((await response.json()).error, "invalid_request");
      }
      assertEquals(client.calls.length, 0);
    });

    it("to HEAD with the same status and challenge, without a body", async () => {
      const response = await setUp().ask(undefined, { method: "HEAD" });
      assertEquals([response.status, await response.text()], [401, ""]);
      assertEquals(response.headers.get("www-authenticate"), 'Bearer realm="api"');
    });
  });

  describe("takes only what it accepts", () => {
    for (
      const [accepts, expected] of [["api_key", [200, 401]], ["oauth_token", [401, 200]], ["any", [
        200,
        200,
      ]]] as const
    ) {
      it(accepts, async () => {
        const { ask } = setUp({ accepts });
        assertEquals([(await ask("ak_user")).status, (await ask("oat_user")).status], [...expected]);
      });
    }

    it("and asks Clerk nothing about the rest", async () => {
      const { ask, client } = setUp({ accepts: ["api_key"] });
      const response = await ask("oat_user");
      assertStringIncludes((await response.json()).error_description, "not accepted");
      assertEquals(client.calls.length, 0);
    });

    for (const token of ["mt_machine", "sess_1", "not-a-token", "ak_", "eyJhbGciOiJub25lIn0.e30.", "a.b.c"]) {
      it(`and never ${token}`, async () => {
        const { ask, client } = setUp();
        assertEquals([(await ask(token)).status, client.calls.length], [401, 0]);
      });
    }

    for (const accepts of ["m2m_token", "session_token", [], ["api_key", "m2m_token"], null]) {
      it(`and cannot be told to accept ${JSON.stringify(accepts)}`, () => {
        const options = { accepts } as unknown as Partial<HandleOptions<SoloClient>>;
        const error = assertThrows(() => setUp(options), ClerkCliAuthError);
        assertEquals((error as ClerkCliAuthError).code, "config");
      });
    }
  });

  describe("with a verifier of the caller's own", () => {
    const verified = { subject: USER, type: "api_key" as const };

    it("passes token, kind, request and client, and takes its verdict", async () => {
      const contexts: unknown[][] = [];
      const { ask, client } = setUp({
        verifyToken: ({ token, type, request, clerk }) => {
          contexts.push([token, type, request.url, clerk === client]);
          return { ...verified, scopes: ["x"] };
        },
      });
      assertEquals(await (await ask("ak_other")).json(), { sub: USER });
      assertEquals(contexts, [["ak_other", "api_key", "https://api.example.com/me", true]]);
      assertEquals(client.calls.length, 0);
    });

    it("does not even run it for a kind that is not accepted", async () => {
      let runs = 0;
      const { ask } = setUp({ accepts: "oauth_token", verifyToken: () => (runs++, verified) });
      assertEquals([(await ask("ak_user")).status, runs], [401, 0]);
    });

    it("does not let it turn one kind into another", async () => {
      const { ask } = setUp({ accepts: "oauth_token", verifyToken: () => verified });
      assertEquals((await ask("oat_user")).status, 401);
    });

    it("requires the scopes of what it returns", async () => {
      const { ask } = setUp({ scopes: ["notes:read"], verifyToken: () => verified });
      assertEquals((await ask("ak_user")).status, 403);
    });

    it("keeps the code of an error that it throws", async () => {
      for (
        const [code, status, challenge] of [
          ["not_authenticated", 401, 'error="invalid_token"'],
          ["access_denied", 403, 'error="insufficient_scope"'],
          ["invalid_request", 400, 'error="invalid_request"'],
        ] as const
      ) {
        const { ask } = setUp({
          verifyToken: () => {
            throw new ClerkCliAuthError(code, 'No "entry"\r\nfor you');
          },
        });
        const response = await ask("ak_user");
        const body = await response.json();
        assertEquals([response.status, body.error, body.error_description], [
          status,
          code,
          'No "entry" for you',
        ]);
        assertStringIncludes(response.headers.get("www-authenticate") ?? "", challenge);
        assertStringIncludes(response.headers.get("www-authenticate") ?? "", "No 'entry' for you");
      }
    });

    for (
      const [status, expected] of [[400, 401], [404, 401], [401, 500], [429, 503], [500, 503], [
        undefined,
        503,
      ]]
    ) {
      it(`takes Clerk's answer ${status} about the token for ${expected}`, async () => {
        const { ask } = setUp({
          verifyToken: () => {
            throw Object.assign(new Error("from Clerk"), {
              clerkError: true,
              errors: [],
              status,
              retryAfter: 3,
            });
          },
        });
        const response = await ask("ak_user");
        assertEquals([response.status, response.headers.get("retry-after")], [
          expected,
          expected === 503 ? "3" : null,
        ]);
      });
    }

    for (
      const [what, result] of [["no subject", {}], ["an empty subject", { subject: "" }], ["nothing", null]]
    ) {
      it(`takes it for a mistake of ours when it returns ${what}`, async () => {
        const { ask, errors } = setUp({ verifyToken: () => result as unknown as typeof verified });
        assertEquals([(await ask("ak_user")).status, errors.length], [500, 1]);
      });
    }
  });

  describe("with a resolver of the caller's own", () => {
    it("passes the verified token, the request and the client, and answers with its identity", async () => {
      const { ask, client } = setUp({
        resolveAuthInfo: async ({ tokenInfo, request, clerk }) => ({
          sub: tokenInfo.subject,
          custom: [
            tokenInfo.type,
            tokenInfo.scopes,
            new URL(request.url).pathname,
            await Promise.resolve(clerk === client),
          ],
        }),
      });
      assertEquals(await (await ask("ak_user")).json(), {
        sub: USER,
        custom: ["api_key", ["notes:read"], "/me", true],
      });
    });

    for (const identity of [{}, { sub: "" }, { sub: 7 }, null, undefined, "user_1"]) {
      it(`takes ${JSON.stringify(identity)} for a mistake of ours`, async () => {
        const { ask, errors } = setUp({ resolveAuthInfo: () => identity as unknown as Identity });
        assertEquals([(await ask("ak_user")).status, errors.length], [500, 1]);
      });
    }

    it("takes an identity that is no JSON for a mistake of ours", async () => {
      const { ask, errors } = setUp({ resolveAuthInfo: () => ({ sub: USER, big: 1n }) });
      assertEquals([(await ask("ak_user")).status, errors.length], [500, 1]);
    });

    it("does not take what Clerk says about something else for a rejection of the token", async () => {
      const { ask } = setUp({
        resolveAuthInfo: () => {
          throw Object.assign(new Error("no such user"), { clerkError: true, errors: [], status: 404 });
        },
      });
      assertEquals((await ask("ak_user")).status, 500);
    });
  });

  describe("when something is wrong on our side", () => {
    const SECRET = "planted-secret-in-the-text";

    function failWith(error: unknown, options: Partial<HandleOptions> = {}) {
      const client = createFailingClient(() => {
        throw error;
      });
      const reported: [unknown, ErrorContext][] = [];
      const onError: HandleOptions["onError"] = (cause, context) => void reported.push([cause, context]);
      return { route: handle({ auth: cliAuth({ client }), onError, ...options }), reported };
    }

    it("answers 500 without the text, which goes to onError with the request", async () => {
      const { route, reported } = failWith(new Error(SECRET));
      const request = requestWith("ak_user");
      const response = await route(request);
      const text = await response.text();
      assertEquals(response.status, 500);
      assertEquals(JSON.parse(text).error, "config");
      assert(!text.includes(SECRET), text);
      assertEquals(response.headers.get("www-authenticate"), null);
      const [[error, context] = []] = reported;
      assertStringIncludes(String((error as Error).cause), SECRET);
      assertEquals(context?.request === request, true);
    });

    it("reports to the console without an onError", async () => {
      const said: unknown[][] = [];
      const { error } = console;
      console.error = (...words) => said.push(words);
      try {
        const auth = cliAuth({ client: createFailingClient(() => Promise.reject(new Error(SECRET))) });
        await handle({ auth })(requestWith("ak_user"));
      } finally {
        console.error = error;
      }
      assertEquals(said.length, 1);
    });

    it("answers all the same when onError fails", async () => {
      for (
        const onError of [() => Promise.reject(new Error("late")), () => {
          throw new Error("at once");
        }]
      ) {
        const { route } = failWith(new Error(SECRET), { onError });
        assertEquals((await route(requestWith("ak_user"))).status, 500);
      }
    });

    it("answers 500 when there is no client", async () => {
      const auth = cliAuth({ client: {} as unknown as SoloClient });
      const errors: unknown[] = [];
      const route = handle({ auth, onError: (error) => void errors.push(error) });
      assertEquals([(await route(requestWith("ak_user"))).status, errors.length], [500, 1]);
    });

    it("does not report what is the caller's fault", async () => {
      const { ask, errors } = setUp({ scopes: ["missing"] });
      for (const token of [undefined, "ak_unknown", "ak_user", "bad token"]) await ask(token);
      assertEquals(errors, []);
    });
  });

  it("says in a 401 where the resource is described (RFC 9728, section 5.1)", async () => {
    const resource = { issuer: "https://clerk.example.com" };
    for (const token of [undefined, "ak_unknown"]) {
      assertStringIncludes(
        (await setUp({ resource }).ask(token)).headers.get("www-authenticate") ?? "",
        'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/me"',
      );
    }
  });
});
