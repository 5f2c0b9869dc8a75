import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { ClerkCliAuthConfig } from "@clerk/cli-auth";
import type { Fault } from "@clerk/cli-auth/testing";
import { getAccessToken, login, logout, openContext, resolveConfig, whoami } from "../doors/client.ts";
import { caught } from "../harness/caught.ts";
import { createFakeRuntime, type FakeRuntimeOptions } from "../harness/fake_runtime.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";
import { untilPushed } from "../harness/until_pushed.ts";

const HOUR_MS = 60 * 60 * 1000;

let client: TestClient;

beforeEach(async () => {
  client = await startTestClient({ endpoints: "discover" });
});
afterEach(() => client.close());

/** A new process, on a clock that the test sets. */
async function newProcess(
  { aheadMs = 0, ...options }: FakeRuntimeOptions & { aheadMs?: number } = {},
  config: Partial<ClerkCliAuthConfig> = {},
) {
  const runtime = await createFakeRuntime(options);
  runtime.time += aheadMs;
  return await openContext(resolveConfig({ ...client.config, ...config }), runtime);
}

/** A `fetch` that changes members of the issuer's metadata. */
function changing(members: Record<string, unknown>): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!String(input).includes("/.well-known/")) return response;
    return Response.json({ ...await response.json(), ...members });
  };
}

/** A `fetch` for an issuer with its endpoints elsewhere, and the URLs it was called with. */
function moved(): { fetch: typeof fetch; asked: string[]; openBrowser: (url: string) => Promise<void> } {
  const { issuer } = client;
  const asked: string[] = [];
  const metadata = changing({
    authorization_endpoint: `${issuer}/moved/authorize`,
    token_endpoint: `${issuer}/moved/token`,
    revocation_endpoint: `${issuer}/moved/token/revoke`,
    userinfo_endpoint: `${issuer}/moved/userinfo`,
  });
  return {
    asked,
    fetch: (input, init) => {
      asked.push(new URL(String(input)).pathname);
      return metadata(String(input).replace("/moved/", "/oauth/"), init);
    },
    openBrowser: async (url) => {
      assertStringIncludes(url, "/moved/authorize?");
      await client.browser.signIn(url.replace("/moved/", "/oauth/"));
    },
  };
}

function metadataRequests(): number {
  return client.requestsTo("metadata").length;
}

describe("endpoints: 'clerk'", () => {
  it("fetches no metadata, and stores none", async () => {
    await client.another({ endpoints: "clerk" }).login();
    assertEquals([metadataRequests(), client.record()?.metadata], [0, undefined]);
  });
});

describe("endpoints: 'discover'", () => {
  it("uses the endpoints that the metadata names, in every step", async () => {
    const { fetch, asked, openBrowser } = moved();
    const auth = client.another({ fetch, openBrowser });
    await auth.login();
    assert(await auth.getAccessToken({ forceRefresh: true }));
    assertEquals((await auth.whoami())?.email, "ada@example.com");
    assertEquals((await auth.logout()).revocations.map(({ revoked }) => revoked), [true, true]);
    assertEquals(asked, [
      "/.well-known/openid-configuration",
      "/moved/token",
      "/moved/userinfo",
      "/moved/token",
      "/moved/userinfo",
      "/moved/token/revoke",
    ]);
  });

  it("fetches it while the listener starts, which waits for nothing", async () => {
    let startListening!: () => void;
    const isAsked = new Promise<void>((resolve) => startListening = resolve);
    const fetch: typeof globalThis.fetch = (input, init) => {
      startListening();
      return globalThis.fetch(input, init);
    };
    const { serveLoopback } = await createFakeRuntime();
    const parts = {
      serveLoopback: async (...given: Parameters<typeof serveLoopback>) => {
        await isAsked;
        return await serveLoopback(...given);
      },
    };
    const { user } = await login(await newProcess({ parts }, { fetch }));
    assertEquals(user.email, "ada@example.com");
  });

  it("keeps the metadata in the record for a day, for every process", async () => {
    await login(await newProcess());
    assertEquals(metadataRequests(), 1);
    const almostADay = await newProcess({ aheadMs: 24 * HOUR_MS - 60_000 });
    await whoami(almostADay);
    await login(almostADay);
    assertEquals(metadataRequests(), 1);
    await whoami(await newProcess({ aheadMs: 24 * HOUR_MS + 60_000 }));
    assertEquals(metadataRequests(), 2);
  });

  it("fetches it again if the clock was set back", async () => {
    await login(await newProcess());
    await whoami(await newProcess({ aheadMs: -HOUR_MS }));
    assertEquals(metadataRequests(), 2);
  });

  it("renews metadata that is half a day old with a refresh, before it sends the refresh token", async () => {
    await login(await newProcess());
    const process = await newProcess({ aheadMs: 13 * HOUR_MS });
    await getAccessToken(process, { forceRefresh: true });
    const order = client.emulator.requests.slice(-2).map(({ endpoint }) => endpoint);
    assertEquals(order, ["metadata", "token"]);
    await whoami(await newProcess({ aheadMs: 36 * HOUR_MS }));
    assertEquals(metadataRequests(), 2);
  });

  it("keeps the metadata with the record of an ended session", async () => {
    await login(await newProcess());
    client.emulator.revokeGrants();
    const process = await newProcess();
    assertEquals(await getAccessToken(process, { forceRefresh: true }), null);
    assertEquals(typeof client.record()?.ended, "string");
    await login(await newProcess());
    assertEquals(metadataRequests(), 1);
  });

  it("fetches it again if the record is unreadable, and signs in", async () => {
    client.entries.set("tokens", "not JSON");
    assertEquals((await client.auth.login()).user.email, "ada@example.com");
    client.change({ metadata: { fetchedAt: "now" } });
    await whoami(await newProcess());
    assertEquals(metadataRequests(), 2);
  });
});

describe("an issuer without metadata", () => {
  for (const status of [404, 410]) {
    it(`(${status}) is treated as one with Clerk's paths, for a day`, async () => {
      client.emulator.faults.add({ endpoint: "metadata", status, body: "", times: 2 });
      assertEquals((await client.auth.login()).user.email, "ada@example.com");
      await whoami(await newProcess());
      assertEquals(metadataRequests(), 2);
    });
  }
});

describe("an issuer whose metadata is unavailable", () => {
  type MetadataFault = Omit<Fault<"metadata">, "endpoint">;
  const faults: [what: string, fault: MetadataFault, code: string, retryable: boolean][] = [
    ["500", { status: 500, body: "oops" }, "network", true],
    ["403", { status: 403, body: "" }, "network", false],
    ["a redirect", { status: 302, headers: { location: "/" } }, "network", false],
    ["HTML", { body: "<!doctype html>" }, "config", false],
    ["metadata of another issuer", { body: { issuer: "https://evil.example" } }, "config", false],
    ["silence", { cut: "headers" }, "timeout", true],
    ["half an answer", { cut: "body" }, "network", true],
  ];
  for (const [what, fault, code, retryable] of faults) {
    it(`(${what}) cannot be used to sign in`, async () => {
      const error = await caught(() =>
        client.meet({ endpoint: "metadata", ...fault }, () => client.auth.login())
      );
      assertEquals([error.code, error.retryable], [code, retryable]);
      assertEquals([client.requestsTo("authorize").length, client.entries.size], [0, 0]);
    });

    it(`(${what}) is used with the stored metadata, however old`, async () => {
      await client.auth.login();
      const process = await newProcess({ aheadMs: 100 * HOUR_MS });
      await client.meet(
        { endpoint: "metadata", ...fault },
        () => getAccessToken(process, { forceRefresh: true }),
      );
      assertEquals([metadataRequests(), client.requestsTo("token").length], [2, 2]);
    });
  }

  it("ends no session, and uses up no refresh token", async () => {
    await client.signIn();
    client.emulator.faults.add({ endpoint: "metadata", status: 503, body: "" });
    const error = await caught(() => client.auth.getAccessToken({ forceRefresh: true }));
    assertEquals([error.code, error.retryable, client.requestsTo("token").length], ["network", true, 0]);
    assert(await client.auth.getAccessToken({ forceRefresh: true }));
  });

  it("gives way at once when the login is aborted", async () => {
    client.emulator.faults.add({ endpoint: "metadata", cut: "headers" });
    const stop = new AbortController();
    const giving = caught(() => client.auth.login({ signal: stop.signal }));
    await client.untilRequested("metadata");
    stop.abort();
    assertEquals([(await giving).code, client.entries.size], ["cancelled", 0]);
  });
});

describe("an issuer that names itself in its responses", () => {
  beforeEach(async () => {
    client.emulator.behavior.sendIssuerInRedirect = true;
    await client.auth.login();
    client.emulator.behavior.sendIssuerInRedirect = false;
  });

  it("is not trusted without 'iss'", async () => {
    const error = await caught(() => client.auth.login());
    assertEquals(error.code, "token_exchange");
    assertStringIncludes(error.message, "names no issuer");
    assertEquals(client.requestsTo("token").length, 1);
  });

  it("is not trusted without 'iss' either if its metadata says otherwise later, or is gone", async () => {
    for (const status of [200, 404]) {
      if (status === 404) client.emulator.faults.add({ endpoint: "metadata", status, body: "", times: 2 });
      const process = await newProcess({ aheadMs: 25 * HOUR_MS * (status === 404 ? 2 : 1) });
      assertStringIncludes((await caught(() => login(process))).message, "names no issuer");
      await getAccessToken(process, { forceRefresh: true }); // This stores the new metadata.
    }
    assertEquals(metadataRequests(), 4);
    assertStringIncludes((await caught(() => client.another().login())).message, "names no issuer");
  });

  it("is not trusted with a paste without 'iss'", async () => {
    const events: string[] = [];
    const process = await newProcess({
      isInteractive: true,
      readLine: async () => {
        const url = await untilPushed(events, () => true);
        return `code#${new URL(url).searchParams.get("state")}`;
      },
    }, {
      ui: "auto",
      openBrowser: () => false,
      onEvent: (event) => event.type === "authorize_url" && events.push(event.url),
    });
    assertStringIncludes((await caught(() => login(process))).message, "names no issuer");
  });
});

describe("endpoints on another origin", () => {
  it("are rejected, and nothing is sent there", async () => {
    const fetch = changing({ token_endpoint: "https://login.example.com/token" });
    const error = await caught(() => client.another({ fetch }).login());
    assertEquals(error.code, "config");
    assertStringIncludes(error.action, "endpointOrigins");
    assertEquals(client.requestsTo("authorize").length, 0);
  });

  it("are used if that origin is configured, and no longer once it is not", async () => {
    const { port } = new URL(client.issuer);
    const endpointOrigins = [`http://localhost:${port}`];
    const fetch = changing({ userinfo_endpoint: `${endpointOrigins[0]}/oauth/userinfo` });
    assertEquals((await client.another({ fetch, endpointOrigins }).login()).user.email, "ada@example.com");
    const error = await caught(() => client.another({ fetch }).whoami());
    assertEquals([error.code, metadataRequests()], ["config", 2]);
  });
});

describe("metadata without an endpoint", () => {
  /** Metadata whose other endpoints are not at Clerk's paths. */
  function elsewhere(members: Record<string, unknown>) {
    const { fetch, openBrowser } = moved();
    const change: typeof globalThis.fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).includes("/.well-known/")) return response;
      return Response.json({ ...await response.json(), ...members });
    };
    return { fetch: change, openBrowser };
  }

  it("for userinfo leaves a login without a name, but with its tokens stored", async () => {
    const error = await caught(() => client.another(elsewhere({ userinfo_endpoint: undefined })).login());
    assertEquals([error.code, typeof client.record()?.accessToken], ["userinfo", "string"]);
  });

  it("for revocation makes a logout say so", async () => {
    const process = await newProcess({}, elsewhere({ revocation_endpoint: undefined }));
    await login(process);
    const { cleared, revocations } = await logout(process);
    assertEquals([cleared, revocations[0]?.revoked, revocations[0]?.error?.code], [true, false, "revoke"]);
    assertFalse(revocations[0]!.error!.retryable);
  });

  it("for either falls back to Clerk's paths if the others are there", async () => {
    const missing = { userinfo_endpoint: undefined, revocation_endpoint: undefined };
    const process = await newProcess({}, { fetch: changing(missing) });
    assertEquals((await login(process)).user.email, "ada@example.com");
    assertEquals((await logout(process)).revocations[0]?.revoked, true);
  });

  it("at Clerk's path (404) never counts as a revocation", async () => {
    const process = await newProcess({}, { fetch: changing({ revocation_endpoint: undefined }) });
    await login(process);
    client.emulator.faults.add({ endpoint: "revoke", status: 404, body: "" });
    const [grant] = (await logout(process)).revocations;
    assertEquals([grant?.revoked, grant?.error?.status], [false, 404]);
  });
});

describe("the two documents of an issuer", () => {
  /** A `fetch` that responds with these documents; `null` is a 404. */
  function documents(openid: object | null, oauth: object | null) {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const { pathname } = new URL(String(input));
      if (!pathname.startsWith("/.well-known/")) return await globalThis.fetch(input, init);
      asked.push(pathname.slice("/.well-known/".length));
      const document = pathname.endsWith("openid-configuration") ? openid : oauth;
      return document ? Response.json(document) : new Response("", { status: 404 });
    };
    return { fetch, asked };
  }

  const whole = () => ({
    issuer: client.issuer,
    authorization_endpoint: `${client.issuer}/oauth/authorize`,
    token_endpoint: `${client.issuer}/oauth/token`,
    revocation_endpoint: `${client.issuer}/oauth/token/revoke`,
    userinfo_endpoint: `${client.issuer}/oauth/userinfo`,
  });

  it("need one request if the first names everything", async () => {
    const { fetch, asked } = documents(whole(), null);
    await client.another({ fetch }).login();
    assertEquals(asked, ["openid-configuration"]);
  });

  it("complete each other", async () => {
    const { revocation_endpoint: _, ...openid } = whole();
    const { userinfo_endpoint: __, ...oauth } = whole();
    for (const [first, second] of [[openid, oauth], [null, oauth], [openid, null]]) {
      const { fetch, asked } = documents(first ?? null, second ?? null);
      const auth = client.another({ fetch });
      assertEquals((await auth.login()).user.email, "ada@example.com");
      assertEquals((await auth.logout()).revocations[0]?.revoked, true);
      assertEquals(asked, ["openid-configuration", "oauth-authorization-server"]);
    }
  });

  it("are rejected if they contradict each other, or one is about another issuer", async () => {
    const { revocation_endpoint: _, ...openid } = whole();
    const others = [{ token_endpoint: `${client.issuer}/elsewhere` }, { issuer: "https://evil.example" }];
    for (const other of others) {
      const { fetch } = documents(openid, { ...whole(), ...other });
      assertEquals((await caught(() => client.another({ fetch }).login())).code, "config");
    }
  });
});
