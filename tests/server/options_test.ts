import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { cliAuth, fetchHandler, handle, resourceMetadata } from "@clerk/cli-auth/server";
import { caught } from "../harness/caught.ts";
import { createSoloClient } from "./support/solo_client.ts";
import { createRoute, USER } from "./support/route.ts";

const CLI_AUTH = [
  "client",
  "clientConfig",
  "env",
  "clientIds",
  "issuer",
  "audience",
  "cache",
  "requestTimeoutMs",
  "lookup",
  "jwtOnly",
];
const HANDLE = [
  "auth",
  "accepts",
  "scopes",
  "verifyToken",
  "resolveIdentity",
  "resolveAuthInfo",
  "resource",
  "source",
  "proxy",
  "onError",
];
const RESOURCE = ["issuer", "clientId", "scopes", "url"];

const ISSUER = "https://clerk.example.com";
const resource = { issuer: ISSUER, scope: ["profile"] };
const store = { get: () => null, set: () => {}, delete: () => {} };
const auth = cliAuth({ client: createSoloClient(), clientIds: "any" });

/** As a program without types calls them, and what is unknown. */
const UNKNOWN: [create: () => unknown, name: string, of: string, known: string[]][] = [
  [() => cliAuth({ clientId: ["a"] } as object), "clientId", "cliAuth()", CLI_AUTH],
  [() => cliAuth({ cache: { ttl: 1, ttlMs: 1, store } as { ttlMs: number } }), "ttl", "'cache'", [
    "ttlMs",
    "store",
    "onError",
  ]],
  [() => handle({ auth, scope: ["notes:write"] } as { auth: typeof auth }), "scope", "handle()", HANDLE],
  [() => handle({ auth, resource }), "scope", "'resource'", RESOURCE],
  [() => handle({ auth, proxy: { header: "forwarded", hops: 2 } as { header: string } }), "hops", "'proxy'", [
    "header",
    "count",
  ]],
  [() => resourceMetadata(resource), "scope", "'resource'", RESOURCE],
  [() => fetchHandler({ healthpath: "/health" } as object), "healthpath", "fetchHandler()", [
    ...HANDLE,
    ...CLI_AUTH.filter((name) => name !== "env"),
    "tenant",
    "path",
    "healthPath",
    "cors",
  ]],
  [
    () => fetchHandler({ cors: { origins: [], credentials: true } as { origins: string[] } }),
    "credentials",
    "'cors'",
    ["origins"],
  ],
];

describe("an option that nothing reads", () => {
  for (const [create, name, of, known] of UNKNOWN) {
    it(`is rejected, with a list of the valid ones: '${name}' of ${of}`, async () => {
      const { code, message } = await caught(create);
      assertEquals([code, message], [
        "config",
        `Unknown option '${name}' of ${of}: expected one of '${known.join("', '")}'`,
      ]);
    });
  }

  it("names all that are unknown", async () => {
    const { message } = await caught(() => cliAuth({ clientId: "a", cashe: {} } as object));
    assertEquals(message.split(" of ")[0], "Unknown option 'clientId', 'cashe'");
  });

  it("counts as absent if it is undefined", () => {
    cliAuth({ client: createSoloClient(), clientId: undefined } as object);
    handle({ auth, scope: undefined } as { auth: typeof auth });
    fetchHandler({ healthpath: undefined } as object);
  });

  it("is passed on in clientConfig, which is Clerk's", () => {
    cliAuth({ clientConfig: { secretKey: "sk_test_1", apiVersion: "v1", anything: true } });
  });
});

describe("resolveIdentity", () => {
  const forbid = () => {
    throw Object.assign(new Error("not a member"), { code: "planted" });
  };

  it("returns a token's owner, under its name in Clerk's draft", async () => {
    const { ask } = createRoute({
      resolveIdentity: ({ tokenInfo }) => ({ sub: tokenInfo.subject, plan: "pro" }),
    });
    assertEquals(await (await ask("ak_user")).json(), { sub: USER, plan: "pro" });
  });

  it("lets nobody in if it throws", async () => {
    const { ask } = createRoute({ resolveIdentity: forbid });
    assertEquals((await ask("ak_user")).status, 500);
  });

  it("cannot be combined with resolveAuthInfo, as one of them would not run", async () => {
    const { message } = await caught(() => createRoute({ resolveIdentity: forbid, resolveAuthInfo: forbid }));
    assertEquals(message, "'resolveIdentity' and 'resolveAuthInfo' are the same: give one of them");
  });
});
