import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type AuthenticateOptions,
  cliAuth,
  errorResponse,
  type NodeRequest,
  type TokenInfo,
} from "@clerk/cli-auth/server";
import { caught } from "../harness/caught.ts";
import { ORGANIZATION, requestFor, USER } from "./support/route.ts";
import { createFailingClient, createSoloClient } from "./support/solo_client.ts";

const TOKENS = {
  ak_user: { id: "ak_1", subject: USER, scopes: ["notes:read"] },
  ak_org: { id: "ak_2", subject: ORGANIZATION, scopes: [], orgId: ORGANIZATION },
  oat_user: { id: "oat_1", subject: USER, scopes: ["profile"], clientId: "client-1" },
};

const guard = () => cliAuth({ client: createSoloClient(TOKENS), clientIds: "any" });

/** A request of Node's, with the given `Authorization` headers. */
function nodeRequest(...authorizations: string[]): NodeRequest {
  const headers = ["Host", "api.example.com"];
  for (const value of authorizations) headers.push("Authorization", value);
  return {
    method: "POST",
    url: "/notes?all=1",
    // As Node does: the first counts.
    headers: { host: "api.example.com", ...(authorizations[0] && { authorization: authorizations[0] }) },
    rawHeaders: headers,
    socket: { remoteAddress: "203.0.113.9" },
  };
}

/** The status of a refusal, or 200. */
async function statusOf(request: Request | NodeRequest, options?: AuthenticateOptions): Promise<number> {
  const result = await guard().authenticate(request, options);
  return result.ok ? 200 : result.response.status;
}

describe("authenticate()", () => {
  for (
    const [what, request] of [
      ["a Request", () => requestFor("ak_user", { method: "POST", body: "a note" })],
      ["a Node request", () => nodeRequest("Bearer ak_user")],
    ] as const
  ) {
    it(`returns the owner of the token in ${what}, whatever the method`, async () => {
      const result = await guard().authenticate(request(), { accepts: "api_key", scopes: ["notes:read"] });
      assert(result.ok);
      assertEquals([result.identity.sub, result.tokenInfo.type, result.tokenInfo.scopes], [
        USER,
        "api_key",
        ["notes:read"],
      ]);
    });
  }

  it("leaves the body alone", async () => {
    const request = requestFor("ak_user", { method: "POST", body: "a note" });
    await guard().authenticate(request);
    assertEquals([request.bodyUsed, await request.text()], [false, "a note"]);
  });

  it("refuses as handle() does", async () => {
    const cases: [Request | NodeRequest, AuthenticateOptions, number, string][] = [
      [requestFor(), {}, 401, 'Bearer realm="api"'],
      [nodeRequest(), {}, 401, 'Bearer realm="api"'],
      [requestFor("ak_unknown"), {}, 401, 'error="invalid_token"'],
      [nodeRequest("Bearer ak_unknown"), {}, 401, 'error="invalid_token"'],
      [requestFor("ak_user"), { accepts: "oauth_token" }, 401, "type api_key"],
      [requestFor("ak_user"), { scopes: ["notes:write"] }, 403, 'scope="notes:write"'],
      [nodeRequest("Bearer ak_user", "Bearer ak_org"), {}, 400, 'error="invalid_request"'],
      [{ ...nodeRequest(), headers: { authorization: ["Bearer ak_user"] } }, {}, 400, "invalid_request"],
    ];
    for (const [request, options, status, challenge] of cases) {
      const result = await guard().authenticate(request, options);
      assert(!result.ok);
      assertEquals(result.response.status, status);
      assertStringIncludes(result.response.headers.get("www-authenticate") ?? "", challenge);
    }
  });

  it("copes with a host or a target that names a user, which no Request of Node's may", async () => {
    const hosts = ["a@x", "a:b@x", "x y", ""].map((host) => ({ ...nodeRequest(), headers: { host } }));
    const targets = ["http://a:b@x/", "ftp://x/", "*"].map((url) => ({ ...nodeRequest(), url }));
    for (const request of [...hosts, ...targets]) {
      assertEquals(await statusOf(request), 401);
      assertEquals(errorResponse(new Error("a bug"), request, { onError() {} }).status, 500);
    }
  });

  it("responds to HEAD without a body", async () => {
    for (const request of [requestFor(undefined, { method: "HEAD" }), { ...nodeRequest(), method: "HEAD" }]) {
      const result = await guard().authenticate(request);
      assert(!result.ok);
      assertEquals([result.response.status, await result.response.text()], [401, ""]);
    }
  });

  it("says where this backend is described, by the URL that a Node request came to", async () => {
    const resource = { issuer: "https://clerk.example.com" };
    const metadata = 'resource_metadata="http://api.example.com/.well-known/oauth-protected-resource/notes"';
    const express = { ...nodeRequest(), url: "/", originalUrl: "/notes" };
    for (const request of [nodeRequest(), express]) {
      const result = await guard().authenticate(request, { resource });
      assertStringIncludes(result.ok ? "" : result.response.headers.get("www-authenticate") ?? "", metadata);
    }
  });

  describe("with an organization", () => {
    it("accepts a credential that names it, and refuses those of none or another", async () => {
      const statuses = await Promise.all(
        ["ak_org", "ak_user", "oat_user"].map((token) =>
          statusOf(requestFor(token), { organization: ORGANIZATION })
        ),
      );
      assertEquals(statuses, [200, 403, 403]);
      assertEquals(await statusOf(requestFor("ak_org"), { organization: "org_another" }), 403);
    });

    it("says that another organization is needed, which no scope can fix", async () => {
      const result = await guard().authenticate(requestFor("ak_user"), { organization: ORGANIZATION });
      assert(!result.ok);
      const { error, exit_code } = await result.response.json();
      assertEquals([error, exit_code], ["access_denied", 1]);
    });
  });

  it("responds 500 to a mistake in its options, tells the operator, and lets nobody in", async () => {
    const mistakes: AuthenticateOptions[] = [
      { scope: ["notes:read"] } as AuthenticateOptions,
      { accepts: [] },
      { accepts: "session_token" } as unknown as AuthenticateOptions,
      { organization: undefined } as unknown as AuthenticateOptions,
      { organization: "" },
      { resource: { issuer: "http://clerk.example.com" } },
    ];
    for (const mistake of mistakes) {
      const errors: unknown[] = [];
      const onError = (error: unknown) => void errors.push(error);
      assertEquals(await statusOf(requestFor("ak_user"), { ...mistake, onError }), 500);
      assertEquals(errors.map((error) => (error as { code: string }).code), ["config"]);
    }
  });

  it("never rejects, whatever is thrown", async () => {
    const client = createFailingClient(() => {
      throw null;
    });
    const onError = () => {
      throw new Error("the reporter fails as well");
    };
    const result = await cliAuth({ client, clientIds: "any" }).authenticate(requestFor("ak_user"), {
      onError,
    });
    assertEquals(result.ok || result.response.status, 500);
  });

  it("never rejects, whatever a middleware put into the headers of a request of Node's", async () => {
    const headers = { ":path": "/notes", "x-user": "名前", "x-list": ["a", "b"], host: undefined };
    for (const request of [{ headers }, { headers, url: "//[", method: "GET" }, { headers, url: "*" }]) {
      assertEquals(await statusOf(request), 401);
    }
  });

  it("gives each caller a copy of the cached identity", async () => {
    const auth = cliAuth({ client: createSoloClient(TOKENS), clientIds: "any", cache: { ttlMs: 60_000 } });
    const infos: TokenInfo[] = [];
    for (let count = 0; count < 2; count++) {
      const result = await auth.authenticate(requestFor("ak_user"));
      assert(result.ok);
      infos.push({ ...result.tokenInfo, scopes: [...result.tokenInfo.scopes] });
      result.tokenInfo.scopes.push("admin");
      Object.assign(result.tokenInfo, { subject: "user_mallory" });
    }
    assertEquals(infos[1], infos[0]);
  });

  it("charges rejections to the address of the connection, or to what the caller says", async () => {
    const sources: unknown[] = [];
    const auth = guard();
    const verifyToken: typeof auth.verifyToken = (_token, { source } = {}) => {
      sources.push(typeof source === "function" ? source() : source);
      return Promise.reject(new Error("enough"));
    };
    Object.assign(auth, { verifyToken });
    const onError = () => {};
    await auth.authenticate(nodeRequest("Bearer ak_1"), { onError });
    await auth.authenticate(nodeRequest("Bearer ak_1"), { onError, source: "198.51.100.1" });
    await auth.authenticate(requestFor("ak_1"), { onError });
    assertEquals(sources, ["203.0.113.9", "198.51.100.1", undefined]);
  });
});

describe("errorResponse()", () => {
  it("is what handle() responds with", async () => {
    const request = requestFor("ak_user");
    const error = await caught(() => guard().verifyTokenFromRequest(request, { scopes: ["notes:write"] }));
    const response = errorResponse(error, request);
    assertEquals([response.status, (await response.json()).error], [403, "insufficient_scope"]);
    assertStringIncludes(response.headers.get("www-authenticate") ?? "", 'scope="notes:write"');
  });

  it("is a 500 for an error of the route's own, which only the operator sees", async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const mistake = new Error("the disk is full");
    const response = errorResponse(mistake, nodeRequest(), { onError });
    const { status, headers } = response;
    assertEquals([status, headers.get("www-authenticate"), errors], [500, null, [mistake]]);
    assert(!(await response.text()).includes("disk"));
  });
});
