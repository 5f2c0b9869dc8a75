import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  ClerkCliAuthError,
  type ClerkClientLike,
  cliAuth,
  type ErrorContext,
  handle,
  type HandleOptions,
  type TokenKind,
} from "@clerk/cli-auth/server";
import { createRoute, ORGANIZATION, requestFor, USER } from "./support/route.ts";
import { createFailingClient, type SoloClient } from "./support/solo_client.ts";

describe("handle()", () => {
  describe("responds with an identity", () => {
    it("for an API key of a user, with its claims kept apart", async () => {
      const response = await createRoute().ask("ak_user");
      assertEquals([response.status, response.headers.get("cache-control")], [200, "no-store"]);
      assertStringIncludes(response.headers.get("content-type") ?? "", "application/json");
      assertEquals(await response.json(), { sub: USER, claims: { sub: "user_mallory", plan: "pro" } });
    });

    it("for an API key of an organization", async () => {
      assertEquals(await (await createRoute().ask("ak_org")).json(), {
        sub: ORGANIZATION,
        org_id: ORGANIZATION,
      });
    });

    it("for an OAuth access token", async () => {
      assertEquals(await (await createRoute().ask("oat_user")).json(), { sub: USER });
    });

    it("to HEAD without its body", async () => {
      const response = await createRoute().ask("ak_user", { method: "HEAD" });
      assertEquals([response.status, await response.text()], [200, ""]);
    });
  });

  describe("responds by RFC 6750, section 3, with", () => {
    it("401 without an error code if there are no credentials", async () => {
      const response = await createRoute().ask();
      assertEquals(response.status, 401);
      assertEquals(response.headers.get("www-authenticate"), 'Bearer realm="api"');
      assertEquals(await response.json(), {
        error: "not_authenticated",
        error_description: "The Authorization header is missing",
        exit_code: 1,
      });
    });

    it("401 invalid_token if the token is rejected", async () => {
      const response = await createRoute().ask("ak_unknown");
      assertEquals([response.status, response.headers.get("cache-control")], [401, "no-store"]);
      const challenge = response.headers.get("www-authenticate") ?? "";
      assertStringIncludes(challenge, 'Bearer realm="api", error="invalid_token", error_description="');
      assertEquals((await response.json()).error, "not_authenticated");
    });

    it("403 insufficient_scope, naming the required scopes", async () => {
      const { ask } = createRoute({ scopes: ["notes:read", "notes:write"] });
      const response = await ask("ak_user");
      assertEquals(response.status, 403);
      const challenge = response.headers.get("www-authenticate") ?? "";
      assertStringIncludes(challenge, 'error="insufficient_scope"');
      assertStringIncludes(challenge, 'scope="notes:read notes:write"');
      assertEquals((await response.json()).error, "insufficient_scope");
    });

    it("no scope if none is missing or required", async () => {
      const { ask } = createRoute({ scopes: ["notes:read"] });
      for (const token of [undefined, "ak_unknown", "ak_user, Bearer ak_org"]) {
        const challenge = (await ask(token)).headers.get("www-authenticate") ?? "";
        assertEquals([challenge !== "", challenge.includes("scope=")], [true, false]);
      }
      const verifyToken = () => Promise.reject(new ClerkCliAuthError("insufficient_scope", "Not that"));
      const response = await createRoute({ verifyToken }).ask("ak_user");
      assertEquals(
        response.headers.get("www-authenticate"),
        'Bearer realm="api", error="insufficient_scope", error_description="Not that"',
      );
    });

    it("no character that a challenge cannot contain", async () => {
      const message = 'say "no" \\ ünï';
      const verifyToken = () => Promise.reject(new ClerkCliAuthError("insufficient_scope", message));
      const challenge = (await createRoute({ verifyToken }).ask("ak_user")).headers.get("www-authenticate");
      assertEquals(
        challenge,
        `Bearer realm="api", error="insufficient_scope", error_description="say 'no' ' ?n?"`,
      );
    });

    it("400 invalid_request if the header is malformed", async () => {
      const response = await createRoute().ask("ak_user, Bearer ak_org");
      assertEquals(response.status, 400);
      assertStringIncludes(response.headers.get("www-authenticate") ?? "", 'error="invalid_request"');
      assertEquals((await response.json()).error, "invalid_request");
    });

    it("405 and Allow for other methods, without looking at the token", async () => {
      const { ask, client } = createRoute();
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
        const response = await ask("ak_user", { method });
        assertEquals([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
        assertEquals([await response.json(), response.headers.get("cache-control")], [{
          error: "invalid_request",
          error_description: "Only GET, HEAD is allowed here",
          exit_code: 1,
        }, "no-store"]);
      }
      assertEquals(client.calls.length, 0);
    });

    it("the same status and challenge for HEAD, without a body", async () => {
      const response = await createRoute().ask(undefined, { method: "HEAD" });
      assertEquals([response.status, await response.text()], [401, ""]);
      assertEquals(response.headers.get("www-authenticate"), 'Bearer realm="api"');
    });
  });

  describe("only accepts what it is told to", () => {
    for (
      const [accepts, expected] of [["api_key", [200, 401]], ["oauth_token", [401, 200]], ["any", [
        200,
        200,
      ]]] as const
    ) {
      it(accepts, async () => {
        const { ask } = createRoute({ accepts });
        assertEquals([(await ask("ak_user")).status, (await ask("oat_user")).status], [...expected]);
      });
    }

    it("and does not ask Clerk about the rest", async () => {
      const { ask, client } = createRoute({ accepts: ["api_key"] });
      const response = await ask("oat_user");
      assertStringIncludes((await response.json()).error_description, "not accepted");
      assertEquals(client.calls.length, 0);
    });

    it("an opaque token of up to 1024 characters", async () => {
      const { ask, client } = createRoute();
      for (const [length, expected] of [[1_024, 1], [1_025, 1]] as const) {
        const response = await ask(`ak_${"x".repeat(length - 3)}`);
        assertEquals([response.status, client.calls.length], [401, expected]);
        assertEquals(
          (await response.json()).error_description,
          length > 1_024
            ? "The token is neither an API key nor an OAuth access token: its type is not accepted"
            : "The token is not valid",
        );
      }
    });

    for (const token of ["mt_machine", "sess_1", "not-a-token", "ak_", "eyJhbGciOiJub25lIn0.e30.", "a.b.c"]) {
      it(`and never ${token}`, async () => {
        const { ask, client } = createRoute();
        assertEquals([(await ask(token)).status, client.calls.length], [401, 0]);
      });
    }

    for (const accepts of ["m2m_token", "session_token", [], ["api_key", "m2m_token"], null]) {
      it(`and cannot be told to accept ${JSON.stringify(accepts)}`, () => {
        const options = { accepts } as unknown as Partial<HandleOptions<TokenKind, SoloClient>>;
        const error = assertThrows(() => createRoute(options), ClerkCliAuthError);
        assertEquals(
          (error as ClerkCliAuthError).message,
          `'accepts' must be "any", "api_key", "oauth_token" or a list of the latter two: got ${
            JSON.stringify(accepts)
          }`,
        );
      });
    }
  });

  describe("if something is wrong on our side", () => {
    const SECRET = "planted-secret-in-the-text";

    function failWith(error: unknown, options: Partial<HandleOptions<TokenKind, ClerkClientLike>> = {}) {
      const client = createFailingClient(() => {
        throw error;
      });
      const reported: [unknown, ErrorContext][] = [];
      const onError: HandleOptions["onError"] = (cause, context) => void reported.push([cause, context]);
      return { route: handle({ auth: cliAuth({ client }), onError, ...options }), reported };
    }

    it("responds with 500 without the text, which goes to onError with the request", async () => {
      const { route, reported } = failWith(new Error(SECRET));
      const request = requestFor("ak_user");
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
        await handle({ auth })(requestFor("ak_user"));
      } finally {
        console.error = error;
      }
      assertEquals(said.map(([prefix]) => prefix), ["@clerk/cli-auth:"]);
      assertStringIncludes(String((said[0]?.[1] as Error).cause), SECRET);
    });

    it("responds even if onError fails", async () => {
      for (
        const onError of [() => Promise.reject(new Error("late")), () => {
          throw new Error("at once");
        }]
      ) {
        const { route } = failWith(new Error(SECRET), { onError });
        assertEquals((await route(requestFor("ak_user"))).status, 500);
      }
    });

    it("responds with 500 if there is no client", async () => {
      const auth = cliAuth({ client: {} as unknown as SoloClient });
      const errors: unknown[] = [];
      const route = handle({ auth, onError: (error) => void errors.push(error) });
      assertEquals([(await route(requestFor("ak_user"))).status, errors.length], [500, 1]);
    });

    it("does not report what is the caller's fault", async () => {
      const { ask, errors } = createRoute({ scopes: ["missing"] });
      for (const token of [undefined, "ak_unknown", "ak_user", "bad token"]) await ask(token);
      assertEquals(errors, []);
    });
  });

  it("says in a 401 where the resource is described (RFC 9728, section 5.1)", async () => {
    const resource = { issuer: "https://clerk.example.com" };
    for (const token of [undefined, "ak_unknown"]) {
      assertStringIncludes(
        (await createRoute({ resource }).ask(token)).headers.get("www-authenticate") ?? "",
        'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/me"',
      );
    }
  });
});
