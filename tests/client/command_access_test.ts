import { assertEquals, assertStrictEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { ClerkCliAuthConfig } from "@clerk/cli-auth";
import {
  adoptToken,
  askIssuer,
  ClerkCliAuth,
  configOf,
  describeStorage,
  loginAs,
  lookingIn,
  readSession,
  selectProfileOf,
} from "../doors/client.ts";
import { caught } from "../harness/caught.ts";
import { mapStore, startTestClient, type TestClient } from "../harness/test_client.ts";

let client: TestClient;
let auth: ClerkCliAuth;

function make(config: Partial<ClerkCliAuthConfig> = {}): ClerkCliAuth {
  return new ClerkCliAuth({ ...client.config, ...config });
}

beforeEach(async () => {
  client = await startTestClient();
  auth = make();
});
afterEach(() => client.close());

describe("the access of commands", () => {
  it("is denied to an object from another copy of this package", async () => {
    const foreign = { ...client.auth } as ClerkCliAuth;
    for (const access of [configOf, selectProfileOf, readSession, describeStorage]) {
      const error = await caught(async () => await access(foreign));
      assertEquals([error.code, error.message, error.action], [
        "config",
        "'auth' was created by a different copy of @clerk/cli-auth",
        "Install one version of @clerk/cli-auth, and take the class and the commands from it",
      ]);
    }
  });

  it("is the checked configuration", () => {
    assertEquals(configOf(auth).issuer, client.issuer);
  });
});

describe("readSession()", () => {
  it("returns what is stored, or null", async () => {
    assertEquals(await readSession(auth), null);
    const { accessToken } = await client.signIn();
    const session = await readSession(auth);
    assertEquals(session?.kind === "live" && session.tokens.accessToken, accessToken);
  });
});

describe("describeStorage()", () => {
  it("returns what a store says about itself, if anything", async () => {
    assertEquals(await describeStorage(auth), undefined);
    const description = { location: "nowhere", protection: "none" } as const;
    const store = mapStore(client.entries);
    const telling = { ...store, describe: () => Promise.resolve(description) };
    assertEquals(await describeStorage(make({ storage: telling })), description);
    assertEquals(
      await describeStorage(make({ storage: { ...store, describe: "text" } as never })),
      undefined,
    );
  });
});

describe("loginAs()", () => {
  const remedy = "Sign in as the one who is expected";

  it("signs anyone in if nobody is expected", async () => {
    const { user } = await loginAs(auth, { expected: undefined });
    assertEquals([user.email, client.requestsTo("userinfo").length], ["ada@example.com", 1]);
  });

  it("signs the expected user in", async () => {
    const expected = { subject: client.emulator.user.id, remedy };
    const { user } = await loginAs(auth, { expected, scopes: ["email"] });
    assertEquals([user.email, client.requestsTo("authorize")[0]!.query.scope], ["ada@example.com", "email"]);
  });

  it("keeps nothing of anyone else, and revokes it", async () => {
    const expected = { subject: "user_other", remedy };
    const error = await caught(() => loginAs(auth, { expected }));
    assertEquals([error.code, error.message, error.action], [
      "access_denied",
      "The sign-in was for another account, and was not kept",
      remedy,
    ]);
    assertEquals([[...client.entries], client.requestsTo("revoke").length], [[], 1]);
  });
});

describe("adoptToken()", () => {
  it("stores the token, and revokes the session that it replaces", async () => {
    const old = await client.signIn();
    await adoptToken(auth, "oat_adopted");
    assertEquals([client.record()?.accessToken, client.record()?.refreshToken], ["oat_adopted", undefined]);
    assertEquals(client.requestsTo("revoke").map(({ form }) => form.token), [old.refreshToken]);
  });

  it("revokes nothing if there was nothing, or the configuration says so", async () => {
    await adoptToken(auth, "oat_adopted");
    await client.signIn();
    await adoptToken(make({ revokePrevious: false }), "oat_adopted");
    assertEquals(client.requestsTo("revoke"), []);
  });

  it("does not revoke the very token that it stores", async () => {
    await client.signIn();
    client.change({ accessToken: "oat_adopted" });
    await adoptToken(auth, "oat_adopted");
    assertEquals([client.record()?.accessToken, client.requestsTo("revoke")], ["oat_adopted", []]);
  });
});

describe("askIssuer()", () => {
  it("tells whose a token is, and stores nothing", async () => {
    const { accessToken } = await client.emulator.issueTokens();
    assertEquals([(await askIssuer(auth, accessToken)).email, [...client.entries]], ["ada@example.com", []]);
  });

  it("can be aborted", async () => {
    const error = await caught(() => askIssuer(auth, "oat_any", AbortSignal.abort()));
    assertEquals([error.code, client.requestsTo("userinfo")], ["cancelled", []]);
  });
});

describe("lookingIn()", () => {
  it("adds places to look for a profile, unless the program has its own", () => {
    const looking = lookingIn(auth, { profileEnvVar: "NOTES_PROFILE", profileFile: undefined });
    assertEquals([configOf(looking).profileEnvVar, configOf(looking).issuer], [
      "NOTES_PROFILE",
      client.issuer,
    ]);
    assertStrictEquals(lookingIn(auth, {}), auth);
    const own = make({ profileEnvVar: "OWN" });
    assertEquals(configOf(lookingIn(own, { profileEnvVar: "OTHER" })).profileEnvVar, "OWN");
  });
});
