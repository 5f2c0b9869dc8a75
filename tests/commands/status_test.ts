import { assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { chmod } from "node:fs/promises";
import process from "node:process";
import type { StatusReport } from "@clerk/cli-auth/commands";
import { itWith, unlessWindows } from "../harness/requirement.ts";
import { type Bench, createBench, type RunOptions, TOKEN_VARIABLE } from "./support/bench.ts";

describe("status", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await createBench();
  });

  afterEach(() => bench.close());

  async function report(options: RunOptions = {}): Promise<{ code: number; report: StatusReport }> {
    const { code, out } = await bench.run("status --json", options);
    return { code, report: JSON.parse(out) };
  }

  it("reports the account, the credential and where it is kept", async () => {
    await bench.run("login");
    const { code, report: { credential, storage, ...rest } } = await report();
    assertEquals(code, 0);
    assertEquals(rest, {
      signedIn: true,
      account: {
        subject: bench.emulator.user.id,
        kind: "user",
        name: "Ada Lovelace",
        email: "ada@example.com",
      },
      profile: { name: "default", source: "default" },
      issuer: bench.issuer,
      problem: null,
    });
    assertEquals([credential?.source, credential?.token, credential?.refreshable], [
      "oauth",
      "eyJ********",
      true,
    ]);
    assertEquals(credential?.scopes, ["profile", "email", "openid", "offline_access"]);
    assertEquals([storage.kind, storage.protection], ["file", "permissions"]);
    assertEquals(storage.location?.startsWith(bench.folder), true);
  });

  it("shows people the same, on standard output", async () => {
    await bench.run("login");
    const { code, out, err } = await bench.run("status");
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(out, "✓ Signed in as Ada Lovelace (ada@example.com)");
    assertStringIncludes(out, bench.issuer);
    assertMatch(out, /Token +eyJ\*{8}, expires in 23 hours, then it is refreshed/);
    assertStringIncludes(out, "readable by you only, not encrypted");
  });

  it("never shows a token", async () => {
    await bench.run("login");
    const { accessToken = "", refreshToken = "" } = await bench.auth().getTokenSet() ?? {};
    const shown = [await bench.run("status"), await bench.run("status --json")];
    for (const { out, err } of shown) {
      assertEquals([accessToken, refreshToken].some((token) => (out + err).includes(token)), false);
    }
  });

  it("fails if nobody is signed in, also with --json", async () => {
    const { code, report: { signedIn, credential, problem } } = await report();
    assertEquals([code, signedIn, credential, problem?.code], [1, false, null, "not_authenticated"]);
    const { code: shownCode, out: shown, err } = await bench.run("status");
    assertEquals(shownCode, 1);
    assertStringIncludes(shown, "✗ You are not signed in\n");
    assertStringIncludes(shown, "Run `notes login`");
    assertEquals(err, "");
  });

  it("says that a token in the environment is used, and why", async () => {
    process.env[TOKEN_VARIABLE] = "ak_0123456789";
    const { report: { credential, account } } = await report();
    assertEquals([credential?.source, credential?.token, account], ["env", "ak_********", null]);
    assertStringIncludes(credential?.reason ?? "", `${TOKEN_VARIABLE}, which takes precedence`);
  });

  it("names the variable whose token is rejected", async () => {
    process.env[TOKEN_VARIABLE] = "oat_unknown";
    const { code, report: { signedIn, problem } } = await report();
    assertEquals([code, signedIn, problem?.message, problem?.action], [
      1,
      false,
      `${new URL(bench.issuer).host} refused the token in ${TOKEN_VARIABLE}`,
      `Set ${TOKEN_VARIABLE} to a valid token, or unset it to use your sign-in`,
    ]);
  });

  it("shows the organization and what it knows about the token in the environment", async () => {
    const { organization } = bench.emulator;
    const scopes = ["email", "user:org:read"];
    const { accessToken } = await bench.emulator.issueTokens({ organization, scopes, format: "opaque" });
    process.env[TOKEN_VARIABLE] = accessToken;
    const { code, out: err } = await bench.run("status");
    assertEquals(code, 0);
    assertMatch(err, new RegExp(`Organization +${organization.name}`));
    assertMatch(err, /Token +oat_\*{8}, does not say when it expires\n/);
    assertEquals(/Scopes/.test(err), false);
  });

  it("shows nothing of a token of an unknown kind", async () => {
    process.env[TOKEN_VARIABLE] = "secret";
    const { out: err } = await bench.run("status");
    assertMatch(err, /Token +\*{8},/);
    assertEquals(err.includes("secret"), false);
  });

  it("says when a sign-in without a refresh token ends, and which scopes it has", async () => {
    bench.emulator.behavior.accessTokenLifetimeSeconds = 170;
    await bench.run("login --scopes email,profile");
    const { out: err } = await bench.run("status");
    assertMatch(err, /Token +eyJ\*{8}, expires in 2 minutes\n/);
    assertMatch(err, /Scopes +email, profile\n/);
  });

  it("says where credentials are that end with the process, or are in a custom store", async () => {
    assertMatch((await bench.run("status", { config: { storage: "memory" } })).out, /Storage +in memory/);
    const storage = { get: () => null, set: () => {}, delete: () => {} };
    assertMatch(
      (await bench.run("status", { config: { storage } })).out,
      /Storage +a store of this program's own/,
    );
  });

  it("names no variable if the program has none", async () => {
    const config = { tokenEnvVar: undefined };
    await bench.run("login", { config });
    assertEquals((await report({ config })).report.credential?.reason, "the sign-in");
  });

  it("treats a session as signed in while nobody has rejected it", async () => {
    await bench.run("login");
    bench.emulator.faults.add({ endpoint: "userinfo", status: 503 });
    const { code, report: { signedIn, account, problem } } = await report();
    assertEquals([code, signedIn, account?.email, problem?.code], [0, true, "ada@example.com", "userinfo"]);
  });

  it("says that a session was revoked, and what to run, without an expiry", async () => {
    await bench.run("login");
    bench.emulator.revokeGrants();
    const { code, report: { signedIn, credential, problem } } = await report();
    assertEquals([code, signedIn, credential], [1, false, null]);
    assertFalse((await bench.run("status")).out.includes("expires"));
    assertStringIncludes(problem?.message ?? "", "The session has ended");
    assertStringIncludes(problem?.action ?? "", "notes login");
  });

  it("says that a token was rejected, not when it expires", async () => {
    await bench.run("login --scopes email,profile");
    bench.emulator.revokeGrants();
    const { code, out } = await bench.run("status");
    assertEquals(code, 1);
    assertMatch(out, /Token +eyJ\*{8}, refused\n/);
  });

  it("describes what is stored, not what a login would store", async () => {
    const nothing = { location: null, protection: null };
    for (const storage of ["file", "keychain"] as const) {
      assertEquals((await report({ config: { storage } })).report.storage, { kind: storage, ...nothing });
    }
    assertMatch((await bench.run("status")).out, /Storage +nothing is stored\n/);
  });

  itWith(unlessWindows("permission bits"), "says if others can read what is stored", async () => {
    await bench.run("login");
    await chmod((await report()).report.storage.location!, 0o644);
    assertEquals((await report()).report.storage.protection, "none");
    assertMatch((await bench.run("status")).out, /Storage .*, readable by others, not encrypted\n/);
  });

  it("says that credentials are kept in memory", async () => {
    assertEquals((await report({ config: { storage: "memory" } })).report.storage, {
      kind: "memory",
      location: null,
      protection: "memory",
    });
  });

  it("says that it knows nothing about a custom store", async () => {
    const storage = { get: () => null, set: () => {}, delete: () => {} };
    assertEquals((await report({ config: { storage } })).report.storage, {
      kind: "custom",
      location: null,
      protection: "unknown",
    });
  });

  it("survives an invalid expiry", async () => {
    const record = JSON.stringify({ accessToken: "access", refreshToken: "refresh", expiresAt: 1e300 });
    const storage = { get: () => record, set: () => {}, delete: () => {} };
    bench.emulator.faults.add({ endpoint: "userinfo", status: 503 });
    const { report: { credential } } = await report({ config: { storage } });
    assertEquals(credential?.expiresAt, null);
  });

  it("survives credentials that cannot be read", async () => {
    const storage = {
      get: () => {
        throw new Error("broken");
      },
      set: () => {},
      delete: () => {},
    };
    const { code, report: { problem } } = await report({ config: { storage } });
    assertEquals([code, problem?.code], [1, "storage"]);
  });

  it("says to sign in again if the sign-in was for another resource", async () => {
    await bench.run("login");
    const { code, report: { signedIn, problem } } = await report({
      config: { resource: "https://api.example.com" },
    });
    assertEquals([code, signedIn, problem?.message, problem?.action], [
      0,
      true,
      "This sign-in is not for https://api.example.com",
      "Sign in again",
    ]);
  });
});
