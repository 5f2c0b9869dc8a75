import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { ClerkCliAuth } from "@clerk/cli-auth";
import { runSetup } from "@clerk/cli-auth/setup";
import {
  createEmulator,
  createScriptedBrowser,
  type Emulator,
  type ListeningEmulator,
} from "@clerk/cli-auth/testing";

const SCOPES = ["profile", "email", "openid", "offline_access"];

describe("setup", () => {
  let emulator: Emulator;
  let listening: ListeningEmulator;

  beforeEach(async () => {
    emulator = createEmulator();
    listening = await emulator.listen();
    process.env.CLERK_API_URL = listening.issuer;
    process.env.CLERK_SECRET_KEY = emulator.secretKey;
  });

  afterEach(async () => {
    delete process.env.CLERK_API_URL;
    delete process.env.CLERK_SECRET_KEY;
    await listening.close();
  });

  async function setup(line: string, typed?: string[]): Promise<{ code: number; out: string; err: string }> {
    let [out, err] = ["", ""];
    const code = await runSetup(line.split(" ").filter(Boolean), {
      stdout: { write: (text) => out += text },
      stderr: { write: (text) => err += text },
      stdin: { readLine: () => Promise.resolve(typed?.shift() ?? null), isTerminal: typed !== undefined },
    });
    return { code, out, err };
  }

  /** Whether Clerk allows an application the device grant. */
  async function deviceGrantOf(clientId: string): Promise<unknown> {
    const response = await fetch(`${listening.issuer}/v1/oauth_applications?limit=100`, {
      headers: { authorization: `Bearer ${emulator.secretKey}` },
    });
    const { data } = await response.json();
    return data.find((found: { client_id: string }) => found.client_id === clientId)
      ?.device_authorization_grant_enabled;
  }

  function creations(): number {
    return emulator.requests.filter(({ method, endpoint }) =>
      method === "POST" && endpoint === "oauth_applications"
    ).length;
  }

  it("creates an application that a CLI can sign in with", async () => {
    const { code, out } = await setup("setup --name Notes --json");
    const { clientId, issuer, created } = JSON.parse(out);
    assertEquals([code, issuer, created], [0, listening.issuer, true]);
    const auth = new ClerkCliAuth({
      clientId,
      issuer,
      storage: "memory",
      openBrowser: createScriptedBrowser().opener(),
      ui: "none",
    });
    const { tokens, user } = await auth.login();
    assertEquals(user.sub, emulator.user.id);
    assert(tokens.refreshToken);
  });

  it("writes the lines to paste to standard output", async () => {
    const { code, out, err } = await setup("--name Notes");
    assertEquals(code, 0);
    assertStringIncludes(out, `issuer: "${listening.issuer}",`);
    assertStringIncludes(out, `scopes: ["profile", "email", "openid", "offline_access"],`);
    assertStringIncludes(out, `\nCLERK_OAUTH_CLIENT_ID=`);
    assertStringIncludes(err, 'The OAuth application "Notes" was created.');
    assertEquals((out + err).includes(emulator.secretKey), false);
  });

  it("creates an application that allows the device grant, with --device", async () => {
    const { clientId } = JSON.parse((await setup("--name Notes --device --json")).out);
    assertEquals(await deviceGrantOf(clientId), true);
    const plain = JSON.parse((await setup("--name Plain --json")).out);
    assertEquals(await deviceGrantOf(plain.clientId), false);
  });

  it("asks before it allows it for an existing application", async () => {
    const { clientId } = JSON.parse((await setup("--name Notes --json")).out);
    const unasked = await setup("--name Notes --device");
    assertEquals([unasked.code, await deviceGrantOf(clientId)], [1, false]);
    assertStringIncludes(unasked.err, 'The OAuth application "Notes" exists without the device grant');
    const refused = await setup("--name Notes --device", ["no"]);
    assertEquals([refused.code, await deviceGrantOf(clientId)], [1, false]);
    assertStringIncludes(refused.err, "Nothing was changed");
    const agreed = await setup("--name Notes --device", ["yes"]);
    assertEquals([agreed.code, await deviceGrantOf(clientId), creations()], [0, true, 1]);
    assertStringIncludes(agreed.err, "so that their help shows `login --device`");
    assertEquals((await setup("--name Notes --device")).code, 0);
  });

  it("finds an application that matches exactly", async () => {
    const first = JSON.parse((await setup("--name Notes --json")).out);
    const second = JSON.parse((await setup("--name Notes --json")).out);
    assertEquals(second, { ...first, created: false });
    assertEquals(creations(), 1);
  });

  it("finds it on a later page", async () => {
    const { clientId } = emulator.createApplication({ name: "Notes", scopes: SCOPES });
    for (let count = 0; count < 120; count++) emulator.createApplication({ name: `Notes ${count}` });
    assertEquals(JSON.parse((await setup("--name Notes --json")).out).clientId, clientId);
  });

  const others = {
    "is not public": { public: false },
    "allows more scopes": { scopes: [...SCOPES, "public_metadata"] },
    "allows fewer scopes": { scopes: ["profile"] },
    "has another redirect URI": { redirectUris: ["http://127.0.0.1/other"] },
    "has one redirect URI more": { redirectUris: ["http://127.0.0.1/callback", "http://127.0.0.1/other"] },
    "has another name": { name: "Notes 2" },
  };
  for (const [difference, options] of Object.entries(others)) {
    it(`does not use an application that ${difference}`, async () => {
      emulator.createApplication({ name: "Notes", scopes: SCOPES, ...options });
      assertEquals(JSON.parse((await setup("--name Notes --json")).out).created, true);
    });
  }

  it("asks for the key if it is not in the environment", async () => {
    delete process.env.CLERK_SECRET_KEY;
    const { code, err } = await setup("--name Notes", [emulator.secretKey]);
    assertEquals(code, 0);
    assertStringIncludes(err, "it stays hidden");
    assertEquals(err.includes(emulator.secretKey), false);
  });

  it("does not ask for the key without a terminal", async () => {
    delete process.env.CLERK_SECRET_KEY;
    const { code, err } = await setup("--name Notes");
    assertEquals(code, 2);
    assertStringIncludes(err, "CLERK_SECRET_KEY is not set");
  });

  it("accepts no key in the arguments", async () => {
    const { code, err } = await setup(`--name Notes --secret-key=${emulator.secretKey}`);
    assertEquals([code, err.includes(emulator.secretKey)], [2, false]);
  });

  it("rejects anything but a secret key, without showing it", async () => {
    process.env.CLERK_SECRET_KEY = "pk_test_abc";
    const { code, err } = await setup("--name Notes");
    assertEquals([code, err.includes("pk_test_abc"), emulator.requests.length], [2, false, 0]);
  });

  it("uses a production key only if told to", async () => {
    process.env.CLERK_SECRET_KEY = "sk_live_production";
    assertStringIncludes((await setup("--name Notes")).err, "--live");
    assertStringIncludes((await setup("--name Notes", ["no"])).err, "Nothing was created");
    assertEquals(emulator.requests.length, 0);
    // The emulator does not know that key: that it was asked shows that the confirmation counts.
    assertStringIncludes((await setup("--name Notes", ["yes"])).err, "Clerk refused the secret key");
    assertStringIncludes((await setup("--name Notes --live")).err, "Clerk refused the secret key");
  });

  it("repeats what Clerk says, without the key", async () => {
    emulator.faults.add({ endpoint: "oauth_applications", status: 403, body: `no ${emulator.secretKey}` });
    const { code, err } = await setup("--name Notes");
    assertEquals([code, err.includes(emulator.secretKey)], [1, false]);
    assertStringIncludes(err, "status 403");
  });

  const undocumented: Record<string, { body: unknown; method?: "POST" }> = {
    "no JSON": { body: "<html>" },
    "no list": { body: { data: "none" } },
    "a list of nothing": { body: { data: [null] } },
    "an application without an id": {
      body: { authorize_url: "https://a.example/oauth/authorize" },
      method: "POST",
    },
    "an application whose issuer cannot be told": {
      body: { client_id: "a", authorize_url: "https://a.example/" },
      method: "POST",
    },
  };
  for (const [what, { body, method }] of Object.entries(undocumented)) {
    it(`reports that Clerk returned ${what}, and prints nothing to paste`, async () => {
      emulator.faults.add({
        endpoint: "oauth_applications",
        status: 200,
        body,
        skip: method === "POST" ? 1 : 0,
      });
      const { code, out, err } = await setup("--name Notes");
      assertEquals([code, out], [1, ""]);
      assertStringIncludes(err, "sent an unexpected response");
    });
  }

  it("allows the given scopes, and says what it found", async () => {
    const application = await setup("--name Notes --scopes email,profile");
    assertStringIncludes(application.out, 'scopes: ["email", "profile"],');
    assertStringIncludes((await setup("--name Notes --scopes profile,email")).err, "already exists");
    assertEquals(creations(), 1);
  });

  it("treats the end of input as no key", async () => {
    delete process.env.CLERK_SECRET_KEY;
    const { code, err } = await setup("--name Notes", []);
    assertEquals([code, emulator.requests.length], [2, 0]);
    assertStringIncludes(err, "Not a Clerk secret key");
  });

  it("shows its usage", async () => {
    assertEquals((await setup("--help")).code, 0);
    for (const line of ["", "--nmae Notes", "--name Notes more"]) {
      const { code, out, err } = await setup(line);
      assertEquals([code, out], [2, ""]);
      assertStringIncludes(err, "Usage: setup --name NAME");
    }
  });
});
