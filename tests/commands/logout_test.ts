import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { startBackend } from "../client/support/backend.ts";
import { onCorruptFile } from "../harness/fake_clock.ts";
import { type Bench, createBench, TOKEN_VARIABLE } from "./support/bench.ts";

describe("logout", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await createBench();
  });

  afterEach(() => bench.close());

  function revocations(): number {
    return bench.emulator.requests.filter(({ endpoint }) => endpoint === "revoke").length;
  }

  it("says what was revoked, and how long the rest stays valid", async () => {
    await bench.run("login");
    const { code, out, err } = await bench.run("logout");
    assertEquals([code, out], [0, ""]);
    assertStringIncludes(err, "✓ Signed out of ada@example.com.");
    assertStringIncludes(err, "The sign-in was revoked at 127.0.0.1");
    assertMatch(err, /The access token cannot be revoked: .* accept it until \S+ \(in 23 hours\)\.\n/);
    assertEquals(await bench.auth().getTokenSet(), null);
  });

  it("says that an opaque access token was revoked with the sign-in", async () => {
    bench.emulator.behavior.accessTokenFormat = "opaque";
    await bench.run("login");
    assertStringIncludes((await bench.run("logout")).err, "The access token was revoked");
  });

  it("says nothing about an expired access token", async () => {
    bench.emulator.behavior.accessTokenLifetimeSeconds = 0;
    await bench.run("login");
    assertEquals((await bench.run("logout")).err.includes("access token"), false);
  });

  it("reports a failed revocation, and fails, but removes what is stored", async () => {
    await bench.run("login");
    bench.emulator.faults.add({ endpoint: "revoke", status: 503 });
    const { code, err } = await bench.run("logout");
    assertEquals(code, 1);
    assertStringIncludes(err, "The sign-in could not be revoked and stays valid");
    assertEquals(await bench.auth().getTokenSet(), null);
  });

  it("does not contact the issuer with --no-revoke, and says what that means", async () => {
    await bench.run("login");
    const { code, err } = await bench.run("logout --no-revoke");
    assertEquals([code, revocations()], [0, 0]);
    assertStringIncludes(err, "Nothing was revoked");
  });

  it("says that nobody was signed in", async () => {
    assertEquals(await bench.run("logout"), { code: 0, out: "", err: "You were not signed in.\n" });
  });

  it("warns about a token that stays in the environment", async () => {
    await bench.run("login");
    process.env[TOKEN_VARIABLE] = "ak_secret";
    const { err } = await bench.run("logout");
    assertStringIncludes(err, `${TOKEN_VARIABLE} is still set`);
    assertEquals(err.includes("ak_secret"), false);
  });

  it("says that an API key stays valid", async () => {
    const backend = await startBackend(() => Response.json({ sub: bench.emulator.user.id }));
    const config = { identityEndpoint: backend.origin };
    await bench.run("login --with-token", { config, stdin: ["ak_secret"] });
    const { code, err } = await bench.run("logout");
    await backend.close();
    assertEquals([code, revocations()], [0, 0]);
    assertStringIncludes(err, "The API key stays valid");
  });

  it("leaves other profiles signed in, or none with --all", async () => {
    await bench.run("login");
    await bench.run("login --profile work");
    await bench.run("login --profile home");
    await bench.run("logout --profile work");
    assertEquals(await bench.auth().withProfile("work").getTokenSet(), null);
    assertEquals((await bench.run("whoami")).code, 0);
    assertEquals((await bench.run("whoami --profile home")).code, 0);

    const { code, err } = await bench.run("logout --all");
    assertEquals(code, 0);
    assertStringIncludes(err, "Signed out of ada@example.com.");
    assertStringIncludes(err, 'Signed out of ada@example.com (profile "home").');
    assertEquals((await bench.run("whoami --profile home")).code, 1);
    assertEquals(await bench.auth().getTokenSet(), null);
  });

  it("signs out with --all of profiles that the program itself signed in", async () => {
    await bench.auth().withProfile("work").login();
    await bench.auth().withProfile("CI.bot").login();
    const { code, err } = await bench.run("logout --all");
    assertEquals([code, revocations()], [0, 2]);
    assertStringIncludes(err, '(profile "work")');
    assertStringIncludes(err, '(profile "CI.bot")');
    assertEquals(bench.emulator.revokeGrants(), 0);
  });

  it("fails, and says why, if the credentials cannot be read", async () => {
    await bench.run("login");
    const folder = join(bench.folder, "clerk-cli-auth", bench.emulator.application.clientId);
    await writeFile(join(folder, "credentials@default.json"), "[]");
    const { code, err } = await onCorruptFile(() => bench.run("logout"));
    assertEquals([code, revocations()], [1, 0]);
    assertStringIncludes(err, "The sign-in could not be revoked");
    assertStringIncludes(err, "is corrupt");
    assertEquals((await bench.run("logout")).err, "You were not signed in.\n");
  });

  it("signs out of all other profiles with --all if one fails, and says which file stays", async () => {
    await bench.run("login");
    await bench.run("login --profile work");
    const name = join("clerk-cli-auth", bench.emulator.application.clientId, "credentials@default.json");
    const file = join(bench.folder, name);
    await rm(file);
    await mkdir(join(file, "inside"), { recursive: true });
    process.env[TOKEN_VARIABLE] = "ak_secret";

    const { code, err } = await bench.run("logout --all");
    assertEquals(code, 1);
    assertStringIncludes(err, name); // Its beginning may be the home directory.
    assertStringIncludes(err, 'Signed out of ada@example.com (profile "work").');
    assertStringIncludes(err, `${TOKEN_VARIABLE} is still set`);
    assertEquals(await bench.auth().withProfile("work").getTokenSet(), null);
  });
});
