import { assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { caught } from "../harness/caught.ts";
import { startTestClient, type TestClient } from "../harness/test_client.ts";

const VARIABLE = "CLI_AUTH_TEST_TOKEN";
let client: TestClient;

beforeEach(async () => {
  client = await startTestClient({ tokenEnvVar: VARIABLE });
});
afterEach(async () => {
  delete process.env[VARIABLE];
  await client.close();
});

describe("resolveToken()", () => {
  it("takes the argument first, then the environment variable, then the login", async () => {
    const { accessToken } = await client.signIn();
    process.env[VARIABLE] = "from the variable";
    const { auth } = client;
    assertEquals({ ...await auth.resolveToken({ tokenFromArg: "from the argument" }) }, {
      token: "from the argument",
      source: "arg",
    });
    assertEquals({ ...await auth.resolveToken() }, { token: "from the variable", source: "env" });
    delete process.env[VARIABLE];
    assertEquals({ ...await auth.resolveToken() }, { token: accessToken, source: "oauth" });
    assertEquals(client.emulator.requests.length, 0);
  });

  it("skips what is empty", async () => {
    const { accessToken } = await client.signIn();
    process.env[VARIABLE] = "  ";
    for (const tokenFromArg of ["", " \n", null, undefined]) {
      assertEquals((await client.auth.resolveToken({ tokenFromArg })).token, accessToken);
    }
  });

  it("strips the line break that a shell left", async () => {
    process.env[VARIABLE] = "ak_1\n";
    assertEquals((await client.auth.resolveToken()).token, "ak_1");
    assertEquals((await client.auth.resolveToken({ tokenFromArg: " ak_2\r\n" })).token, "ak_2");
  });

  it("reads no variable if none is configured", async () => {
    process.env.undefined = "a trap";
    try {
      const { auth } = await startOther();
      assertEquals((await caught(() => auth.resolveToken())).code, "not_authenticated");
    } finally {
      delete process.env.undefined;
    }
  });

  it("refreshes the login's token when due", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    assertEquals((await client.auth.resolveToken()).source, "oauth");
    assertEquals(client.requestsTo("token").length, 1);
  });

  it("says what to do if there is none, naming the variable", async () => {
    const error = await caught(() => client.auth.resolveToken());
    assertEquals([error.code, error.exitCode], ["not_authenticated", 1]);
    assertEquals([error.message, error.action], [
      `Not signed in: sign in, or set ${VARIABLE}`,
      `Sign in, or set ${VARIABLE}`,
    ]);
  });

  it("says that a session has ended, and why", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    client.emulator.revokeGrants();
    const error = await caught(() => client.auth.resolveToken());
    assertEquals(error.code, "not_authenticated");
    assertEquals(error.message, `The session has ended (invalid_grant): sign in, or set ${VARIABLE}`);
  });

  it("passes on why a refresh failed for now", async () => {
    await client.signIn({ lifetimeSeconds: 0 });
    client.emulator.faults.add({ endpoint: "token", status: 503 });
    const error = await caught(() => client.auth.resolveToken());
    assertEquals([error.code, error.retryable], ["token_exchange", true]);
  });

  async function startOther(): Promise<TestClient> {
    const other = await startTestClient();
    await other.close();
    return other;
  }
});
