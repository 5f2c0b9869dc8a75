import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { startBackend } from "../client/support/backend.ts";
import { type Bench, createBench, TOKEN_VARIABLE } from "./support/bench.ts";

describe("whoami", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await createBench();
  });

  afterEach(() => bench.close());

  it("writes the account to standard output", async () => {
    await bench.run("login");
    assertEquals(await bench.run("whoami"), { code: 0, out: "ada@example.com\n", err: "" });
  });

  it("writes JSON", async () => {
    await bench.run("login");
    const { code, out, err } = await bench.run("whoami --json");
    assertEquals([code, err], [0, ""]);
    assertEquals(JSON.parse(out), {
      account: {
        subject: bench.emulator.user.id,
        kind: "user",
        name: "Ada Lovelace",
        email: "ada@example.com",
      },
      source: "oauth",
      profile: "default",
      issuer: bench.issuer,
    });
  });

  it("writes JSON without characters that control a terminal", async () => {
    const name = "\x1bA\x9b31mda\u202e\x7f\u{e0041}";
    bench.emulator.user.firstName = name;
    await bench.run("login");
    const { out } = await bench.run("whoami --json");
    assertEquals(/(?!\n)[\p{Cc}\p{Cf}]/u.test(out), false);
    assertStringIncludes(JSON.parse(out).account.name, name);
  });

  it("fails if nobody is signed in, and says what to run", async () => {
    const { code, out, err } = await bench.run("whoami");
    assertEquals([code, out], [1, ""]);
    assertEquals(err, `✗ You are not signed in.\nRun \`notes login\`, or set ${TOKEN_VARIABLE}.\n`);
  });

  it("fails in JSON, too", async () => {
    const { code, out } = await bench.run("whoami --json");
    assertEquals([code, JSON.parse(out).error.code], [1, "not_authenticated"]);
  });

  it("says that a session has ended", async () => {
    await bench.run("login");
    bench.emulator.revokeGrants();
    const { code, err } = await bench.run("whoami");
    assertEquals(code, 1);
    assertStringIncludes(err, "The session has ended");
    assertStringIncludes(err, "Run `notes login`");
  });

  it("says that the issuer cannot be reached", async () => {
    await bench.run("login");
    bench.emulator.faults.add({ endpoint: "userinfo", cut: "body", times: 5 });
    const { code, err } = await bench.run("whoami");
    assertEquals(code, 1);
    assertStringIncludes(err, "could not be reached");
    assertStringIncludes(err, "Check the network connection");
  });

  it("asks the issuer about an access token in the environment, and names its organization", async () => {
    const { organization } = bench.emulator;
    const scopes = ["email", "user:org:read"];
    const { accessToken } = await bench.emulator.issueTokens({ organization, scopes });
    process.env[TOKEN_VARIABLE] = accessToken;
    assertEquals(await bench.run("whoami"), {
      code: 0,
      out: "ada@example.com\n",
      err: `Organization: ${organization.name}\nCredential: the token in ${TOKEN_VARIABLE}\n`,
    });
  });

  for (const [prefix, kind] of [["mch", "machine"], ["scim", "scim"], ["org", "organization"]]) {
    it(`shows that the credential belongs to ${kind === "organization" ? "an" : "a"} ${kind}`, async () => {
      const backend = await startBackend(() => Response.json({ sub: `${prefix}_2abc` }));
      process.env[TOKEN_VARIABLE] = "ak_secret";
      const config = { identityEndpoint: backend.origin };
      const { account } = JSON.parse((await bench.run("whoami --json", { config })).out);
      assertEquals(account, { subject: `${prefix}_2abc`, kind });
      await backend.close();
    });
  }

  it("names no variable to set if the program has none", async () => {
    const { out } = await bench.run("whoami --json", { config: { tokenEnvVar: undefined } });
    assertEquals(JSON.parse(out).error.action, "Run `notes login`");
  });

  it("asks the backend about a token in the environment", async () => {
    const backend = await startBackend(() => Response.json({ sub: "org_2abc", name: "Engines" }));
    process.env[TOKEN_VARIABLE] = "ak_secret";
    const config = { identityEndpoint: backend.origin };
    const { out } = await bench.run("whoami --json", { config });
    const { account, source } = JSON.parse(out);
    assertEquals([account, source], [
      { subject: "org_2abc", kind: "organization", name: "Engines" },
      "env",
    ]);
    assertEquals(backend.seen[0]?.authorization, "Bearer ak_secret");
    await backend.close();
  });
});
