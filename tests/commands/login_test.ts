import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { fetchIdentity } from "@clerk/cli-auth";
import { createScriptedBrowser } from "@clerk/cli-auth/testing";
import { startBackend } from "../client/support/backend.ts";
import { type Bench, createBench, TOKEN_VARIABLE } from "./support/bench.ts";

describe("login", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await createBench();
  });

  afterEach(() => bench.close());

  it("says who is signed in, only on standard error", async () => {
    assertEquals(await bench.run("login"), {
      code: 0,
      out: "",
      err: "✓ Signed in as Ada Lovelace (ada@example.com).\n",
    });
    assertEquals((await bench.auth().whoami())?.sub, bench.emulator.user.id);
  });

  it("refuses if a token in the environment would be used instead, and says so", async () => {
    process.env[TOKEN_VARIABLE] = "ak_secret";
    const { code, err } = await bench.run("login");
    assertEquals(code, 1);
    assertStringIncludes(err, `${TOKEN_VARIABLE} is set`);
    assertStringIncludes(err, "notes login --force");
    assertEquals(await bench.auth().getTokenSet(), null);
  });

  it("signs in with --force despite a token in the environment, and warns", async () => {
    process.env[TOKEN_VARIABLE] = "ak_secret";
    const { code, err } = await bench.run("login --force");
    assertEquals(code, 0);
    assertStringIncludes(err, `${TOKEN_VARIABLE} is still set`);
    assert(await bench.auth().getTokenSet());
  });

  it("requests the scopes of --scopes", async () => {
    await bench.run("login --scopes openid,email");
    assertEquals((await bench.auth().getTokenSet())?.scope, "openid email");
  });

  it("says why the login failed, and what to do", async () => {
    const { code, err } = await bench.run("login", {
      config: { openBrowser: () => false, tokenEnvVar: "NOTES_TOKEN" },
    });
    assertEquals(code, 1);
    assertEquals(
      err,
      "✗ No browser can be opened here: this program did not open one.\n" +
        "Set NOTES_TOKEN to an API key, or run `notes login --no-wait`.\n",
    );
  });

  it("keeps an account from taking over another's profile", async () => {
    bench.emulator.createUser({ email: "bob@example.com", firstName: "Bob" });
    await bench.run("login");
    const before = await bench.auth().getTokenSet();
    const { code, err } = await bench.run("login", { email: "bob@example.com" });
    assertEquals(code, 1);
    assertStringIncludes(err, "belongs to Ada Lovelace (ada@example.com)");
    assertEquals(await bench.auth().getTokenSet(), before);
    assertEquals((await bench.auth().whoami())?.sub, bench.emulator.user.id);
  });

  it("asks at a terminal before it signs in again", async () => {
    await bench.run("login");
    const before = await bench.auth().getTokenSet();
    const again = (stdin: string[], line = "login") =>
      bench.run(line, { stdin, terminals: ["stdin", "stderr"] });
    for (const answers of [[""], ["n"], ["no"], []]) {
      assertEquals(await again(answers), {
        code: 0,
        out: "",
        err: "You are already signed in as Ada Lovelace (ada@example.com).\nSign in again? [y/N] " +
          "Nothing was changed. `notes login --profile NAME` adds another account.\n",
      });
      assertEquals(await bench.auth().getTokenSet(), before);
    }
    for (const answer of ["y", " YES "]) {
      assertStringIncludes((await again([answer])).err, "✓ Signed in as Ada");
    }
    for (const line of ["login --force", "login --scopes openid,email"]) {
      const { err } = await again([], line);
      assertStringIncludes(err, "You are already signed in");
      assertFalse(err.includes("[y/N]"));
      assertStringIncludes(err, "✓ Signed in as");
    }
  });

  it("says that someone is signed in, without asking, if there is no terminal", async () => {
    await bench.run("login");
    assertEquals(await bench.run("login"), {
      code: 0,
      out: "",
      err: "You are already signed in as Ada Lovelace (ada@example.com).\n" +
        "✓ Signed in as Ada Lovelace (ada@example.com).\n",
    });
  });

  it("does not ask if the session has ended", async () => {
    await bench.run("login");
    bench.emulator.revokeGrants();
    await bench.run("whoami");
    const { err } = await bench.run("login", { terminals: ["stdin", "stderr"] });
    assertFalse(err.includes("[y/N]"));
    assertStringIncludes(err, "✓ Signed in as");
  });

  it("says what to run if nobody can sign in with a code", async () => {
    const refused = async () => await bench.run("login --device", { config: { onEvent: () => {} } });
    bench.emulator.application.deviceGrantEnabled = false;
    assertStringIncludes((await refused()).err, "Run `notes login`, or `notes login --paste`.");
    bench.emulator.behavior.deviceGrant = false;
    const { code, err } = await refused();
    assertEquals([code, err], [
      1,
      "✗ The issuer does not let people sign in with a code.\nRun `notes login`, or `notes login --paste`.\n",
    ]);
  });

  it("lets another account in after a logout", async () => {
    bench.emulator.createUser({ email: "bob@example.com", firstName: "Bob" });
    await bench.run("login");
    await bench.run("logout");
    assertEquals((await bench.run("login", { email: "bob@example.com" })).code, 0);
  });

  it("keeps a profile to its organization", async () => {
    const { emulator } = bench;
    const other = emulator.createOrganization({ name: "Difference Engines" });
    emulator.user.organizationIds.push(other.id);
    const scopes = { scopes: ["openid", "email", "profile", "user:org:read", "offline_access"] };
    const signIn = (organizationId: string) => {
      const opener = createScriptedBrowser().opener({ organizationId });
      return bench.run("login", { config: { ...scopes, openBrowser: opener } });
    };
    assertStringIncludes((await signIn(emulator.organization.id)).err, "organization Analytical Engines");
    const { code, err } = await signIn(other.id);
    assertEquals(code, 1);
    assertStringIncludes(err, "another organization");
  });

  it("writes text from the issuer without control characters", async () => {
    bench.emulator.user.firstName = "A\x1b[31mda\n";
    const { err } = await bench.run("login");
    assertEquals(/\p{Cc}/u.test(err.trimEnd()), false);
    assertEquals(err.split("\n").length, 2);
  });
});

describe("login --with-token", () => {
  let bench: Bench;
  let backend: Awaited<ReturnType<typeof startBackend>>;

  beforeEach(async () => {
    bench = await createBench();
    const identity = { sub: bench.emulator.user.id, email: "ada@example.com" };
    backend = await startBackend(({ authorization }) =>
      authorization === "Bearer ak_right" || authorization?.startsWith("Bearer oat_")
        ? Response.json(identity)
        : Response.json({ error: "invalid_token" }, { status: 401 })
    );
  });

  afterEach(async () => {
    await bench.close();
    await backend.close();
  });

  function withToken(token: string[], terminals: ("stdin")[] = []) {
    const config = { identityEndpoint: `${backend.origin}/me` };
    return bench.run("login --with-token", { stdin: token, terminals, config });
  }

  it("has the backend check the token, and stores it like any other", async () => {
    const { code, err, out } = await withToken([" ak_right "]);
    assertEquals([code, out, err], [0, "", "✓ Signed in as ada@example.com.\n"]);
    assertEquals((await bench.run("token")).out, "ak_right\n");
    const config = { identityEndpoint: `${backend.origin}/me` };
    assertEquals((await bench.run("whoami", { config })).out, "ada@example.com\n");
    assertEquals((await bench.auth(config).whoami())?.sub, bench.emulator.user.id);
  });

  it("does not store or show a token that the backend rejects", async () => {
    const { code, err } = await withToken(["ak_wrong"]);
    assertEquals([code, err.includes("ak_wrong")], [1, false]);
    assertEquals(await bench.auth().getTokenSet(), null);
  });

  it("prompts only at a terminal", async () => {
    assertStringIncludes((await withToken(["ak_right"], ["stdin"])).err, "it stays hidden");
    assertEquals((await withToken(["ak_right"])).err.includes("hidden"), false);
  });

  it("reports a missing token", async () => {
    assertStringIncludes((await withToken([])).err, "There is no token on standard input");
  });

  it("revokes the sign-in that it replaces", async () => {
    await bench.run("login");
    await withToken(["ak_right"]);
    assertEquals(bench.emulator.requests.filter(({ endpoint }) => endpoint === "revoke").length, 1);
  });

  it("does not revoke a token that is given twice, or that the session already has", async () => {
    bench.emulator.behavior.accessTokenFormat = "opaque";
    const { tokens: { accessToken } } = await bench.auth().login();
    for (let time = 0; time < 2; time++) assertEquals((await withToken([accessToken])).code, 0);
    assertEquals((await bench.auth().whoami())?.email, "ada@example.com");
  });

  it("does not revoke a token that cannot be stored", async () => {
    const { accessToken } = await bench.emulator.issueTokens({ format: "opaque" });
    const storage = { get: () => null, set: () => Promise.reject(new Error("full")), delete: () => {} };
    const config = { identityEndpoint: `${backend.origin}/me`, storage };
    assertEquals((await bench.run("login --with-token", { stdin: [accessToken], config })).code, 1);
    assertEquals((await fetchIdentity({ issuer: bench.issuer, accessToken })).email, "ada@example.com");
  });

  it("rejects a token of anyone but the profile's account", async () => {
    bench.emulator.createUser({ email: "bob@example.com", firstName: "Bob" });
    await bench.run("login", { email: "bob@example.com" });
    const { code, err } = await withToken(["ak_right"]);
    assertEquals(code, 1);
    assertStringIncludes(err, "belongs to Bob");
  });

  it("requires an identityEndpoint", async () => {
    const { code, err } = await bench.run("login --with-token", { stdin: ["ak_right"] });
    assertEquals(code, 2);
    assertStringIncludes(err, "'identityEndpoint' is not configured");
  });
});
