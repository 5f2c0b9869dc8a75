import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ClerkCliAuthError, type Identity } from "@clerk/cli-auth/server";
import { apiError } from "./support/api_error.ts";
import { createRoute, USER } from "./support/route.ts";

describe("handle() with the caller's own verifier", () => {
  const verified = { subject: USER, type: "api_key" as const };

  it("passes token, kind, request and client, and accepts its verdict", async () => {
    const contexts: unknown[][] = [];
    const { ask, client } = createRoute({
      verifyToken: ({ token, type, request, clerk }) => {
        contexts.push([token, type, request.url, clerk === client]);
        return { ...verified, scopes: ["x"] };
      },
    });
    assertEquals(await (await ask("ak_other")).json(), { sub: USER });
    assertEquals(contexts, [["ak_other", "api_key", "https://api.example.com/me", true]]);
    assertEquals(client.calls.length, 0);
  });

  it("does not run it for a kind that is not accepted", async () => {
    let runs = 0;
    const { ask } = createRoute({ accepts: "oauth_token", verifyToken: () => (runs++, verified) });
    assertEquals([(await ask("ak_user")).status, runs], [401, 0]);
  });

  it("does not let it turn one kind into another", async () => {
    const { ask } = createRoute({ accepts: "oauth_token", verifyToken: () => verified });
    assertEquals((await ask("oat_user")).status, 401);
  });

  it("requires the scopes in what it returns", async () => {
    const { ask } = createRoute({ scopes: ["notes:read"], verifyToken: () => verified });
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
      const { ask } = createRoute({
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
    it(`treats Clerk's response ${status} about the token as ${expected}`, async () => {
      const { ask } = createRoute({
        verifyToken: () => {
          throw apiError(status, { retryAfter: 3 });
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
    const [what, result, message] of [
      ["no subject", {}, "verifyToken() gave no token with a non-empty 'subject'"],
      ["an empty subject", { subject: "" }, "verifyToken() gave no token with a non-empty 'subject'"],
      ["nothing", null, "verifyToken() gave no token with a non-empty 'subject'"],
      [
        "scopes in one text",
        { subject: USER, type: "api_key", scopes: "not-admin" },
        "verifyToken() gave 'scopes' that are no list",
      ],
    ] as const
  ) {
    it(`reports our own mistake if it returns ${what}`, async () => {
      const verifyToken = () => result as unknown as typeof verified;
      const { ask, errors } = createRoute({ verifyToken, scopes: ["admin"] });
      assertEquals((await ask("ak_user")).status, 500);
      assertEquals(errors.map((error) => (error as Error).message), [message]);
    });
  }

  it("treats a verdict without scopes as one that grants none", async () => {
    let granted: unknown;
    const { ask } = createRoute({
      verifyToken: () => verified,
      resolveAuthInfo: ({ tokenInfo }) => {
        granted = tokenInfo.scopes;
        return { sub: tokenInfo.subject };
      },
    });
    assertEquals([(await ask("ak_user")).status, granted], [200, []]);
  });
});

describe("handle() with the caller's own resolver", () => {
  it("passes the verified token, the request and the client, and responds with its identity", async () => {
    const { ask, client } = createRoute({
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
    it(`reports our own mistake if it returns ${JSON.stringify(identity)}`, async () => {
      const { ask, errors } = createRoute({ resolveAuthInfo: () => identity as unknown as Identity });
      assertEquals((await ask("ak_user")).status, 500);
      assertEquals(errors.map((error) => (error as Error).message), [
        "resolveIdentity() gave no identity with a non-empty 'sub'",
      ]);
    });
  }

  it("reports our own mistake if its identity is not JSON", async () => {
    const { ask, errors } = createRoute({ resolveAuthInfo: () => ({ sub: USER, big: 1n }) });
    assertEquals([(await ask("ak_user")).status, errors.length], [500, 1]);
  });

  it("says that Clerk is unavailable, and when to come back", async () => {
    for (const [status, retryAfter, shown] of [[429, 3, "3"], [503, undefined, "1"]] as const) {
      const { ask } = createRoute({
        resolveAuthInfo: () => {
          throw Object.assign(new Error("later"), { clerkError: true, errors: [], status, retryAfter });
        },
      });
      const response = await ask("ak_user");
      assertEquals([response.status, response.headers.get("retry-after")], [503, shown]);
    }
  });

  it("does not treat an error about something else as a rejection of the token", async () => {
    const { ask } = createRoute({
      resolveAuthInfo: () => {
        throw apiError(404);
      },
    });
    assertEquals((await ask("ak_user")).status, 500);
  });
});
