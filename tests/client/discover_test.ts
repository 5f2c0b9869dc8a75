import { assertEquals, assertRejects } from "@std/assert";
import { ClerkCliAuth, type ClerkCliAuthError } from "@clerk/cli-auth";
import { fetchHandler } from "@clerk/cli-auth/server";
import { createEmulator, createScriptedBrowser } from "@clerk/cli-auth/testing";
import { describe, it } from "@std/testing/bdd";

const RESOURCE = "https://api.example.com/me";
const ISSUER = "https://clerk.example.com";

/** A `fetch` that responds with this metadata, and the URLs it was called with. */
function answering(body: unknown, init: ResponseInit = {}): { fetch: typeof fetch; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    fetch: (input) => {
      asked.push(String(input));
      return Promise.resolve(Response.json(body, init));
    },
  };
}

const METADATA = { resource: RESOURCE, authorization_servers: [ISSUER], clerk_cli_client_id: "client" };

async function failure(body: unknown, init?: ResponseInit): Promise<[string, string]> {
  const { fetch } = answering(body, init);
  const error = await assertRejects(() =>
    ClerkCliAuth.discover(RESOURCE, { allowedIssuers: [ISSUER], fetch })
  ) as ClerkCliAuthError;
  return [error.code, error.message];
}

describe("ClerkCliAuth.discover()", () => {
  it("signs in with nothing but the URL of a backend that our server half serves", async () => {
    const emulator = createEmulator();
    const { issuer, close } = await emulator.listen();
    try {
      const { clientId } = emulator.application;
      const backend = fetchHandler({ resource: { issuer, clientId }, path: "/me" });
      const send: typeof fetch = (input, init) => {
        const request = new Request(input, init);
        return new URL(request.url).host === "api.example.com" ? backend.fetch(request) : fetch(request);
      };
      const auth = await ClerkCliAuth.discover(RESOURCE, {
        allowedIssuers: [`${issuer}/`],
        fetch: send,
        storage: "memory",
        ui: "none",
        openBrowser: createScriptedBrowser().opener(),
      });
      const { user } = await auth.login();
      assertEquals(user.sub, emulator.user.id);
    } finally {
      await close();
    }
  });

  it("asks between the origin and the path (RFC 9728, section 3.1)", async () => {
    const { fetch, asked } = answering(METADATA);
    await ClerkCliAuth.discover(RESOURCE, { allowedIssuers: [ISSUER], fetch });
    assertEquals(asked, ["https://api.example.com/.well-known/oauth-protected-resource/me"]);
  });

  it("requests the scopes that the backend names, or its own if it names none", async () => {
    for (
      const [metadata, scopes] of [[{ scopes_supported: ["notes:read"] }, "notes:read"], [
        {},
        "openid",
      ]] as const
    ) {
      const { fetch } = answering({ ...METADATA, ...metadata });
      const opened: string[] = [];
      const stop = new AbortController();
      const auth = await ClerkCliAuth.discover(RESOURCE, {
        allowedIssuers: [ISSUER],
        fetch,
        storage: "memory",
        ui: "none",
        openBrowser: (url) => {
          opened.push(url);
          stop.abort();
        },
      });
      await assertRejects(() => auth.login({ signal: stop.signal }));
      assertEquals(new URL(opened[0]!).searchParams.get("scope")?.split(" ").includes(scopes), true);
    }
  });

  it("rejects the metadata of another resource (RFC 9728, section 3.3)", async () => {
    const [code, message] = await failure({ ...METADATA, resource: "https://api.example.com/" });
    assertEquals([code, message.endsWith("is about another resource")], ["config", true]);
  });

  it("rejects an issuer that is not allowed", async () => {
    const [code, message] = await failure({ ...METADATA, authorization_servers: ["https://evil.example"] });
    assertEquals([code, message.endsWith("names no issuer that is allowed")], ["config", true]);
  });

  it("uses the allowed one of several issuers", async () => {
    const { fetch } = answering({
      ...METADATA,
      authorization_servers: ["https://evil.example", `${ISSUER}/`],
    });
    await ClerkCliAuth.discover(RESOURCE, { allowedIssuers: [ISSUER], fetch });
  });

  it("rejects invalid metadata, or metadata without a client id", async () => {
    assertEquals((await failure([]))[0], "config");
    assertEquals((await failure(METADATA, { status: 404 }))[0], "config");
    const { clerk_cli_client_id: _, ...rest } = METADATA;
    assertEquals(await failure(rest), ["config", `The metadata of "${RESOURCE}" names no client ID`]);
  });

  it("requires a list of issuers, and https", async () => {
    const { fetch, asked } = answering(METADATA);
    const messages: string[] = [];
    for (
      const [resource, allowedIssuers] of [[RESOURCE, []], ["http://api.example.com/me", [ISSUER]]] as const
    ) {
      const error = await assertRejects(() => ClerkCliAuth.discover(resource, { allowedIssuers, fetch }));
      assertEquals((error as ClerkCliAuthError).code, "config");
      messages.push((error as ClerkCliAuthError).message);
    }
    assertEquals(asked, []);
    assertEquals(messages, [
      "'allowedIssuers' must name at least one issuer",
      `'resource' must be an https URL unless its host is loopback: got "http://api.example.com/me"`,
    ]);
  });

  it("reports that the backend cannot be reached", async () => {
    const fetch = () => Promise.reject(new TypeError("down"));
    const error = await assertRejects(() =>
      ClerkCliAuth.discover(RESOURCE, { allowedIssuers: [ISSUER], fetch })
    ) as ClerkCliAuthError;
    assertEquals([error.code, error.retryable], ["network", true]);
    assertEquals(error.message, "The backend at api.example.com could not be reached");
  });
});
