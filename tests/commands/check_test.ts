import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { CheckName, CheckReport, CheckResult } from "@clerk/cli-auth/commands";
import { isOfDeadline, onFakeClock } from "../harness/fake_clock.ts";
import { itWith, unlessWindows } from "../harness/requirement.ts";
import { startBackend } from "../client/support/backend.ts";
import { type Bench, createBench, type RunOptions, TOKEN_VARIABLE } from "./support/bench.ts";

const ON_LINUX = { missing: process.platform === "linux" ? undefined : "it needs the keychain of Linux" };

describe("status --check", () => {
  let bench: Bench;
  let backend: Awaited<ReturnType<typeof startBackend>>;
  let status: number;
  let environment: Record<string, string | undefined>;

  beforeEach(async () => {
    bench = await createBench();
    status = 200;
    environment = {};
    backend = await startBackend(({ authorization }) =>
      Response.json({ sub: "user_1" }, { status: authorization === "Bearer ak_wrong" ? 401 : status })
    );
  });

  afterEach(async () => {
    for (const [name, value] of Object.entries(environment)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await bench.close();
    await backend.close();
  });

  /** Sets a variable until the end of the test. */
  function setVariable(name: string, value: string): void {
    environment[name] = process.env[name];
    process.env[name] = value;
  }

  function withBackend({ config, ...options }: RunOptions = {}): RunOptions {
    return { ...options, config: { identityEndpoint: `${backend.origin}/me`, ...config } };
  }

  async function checked(options: RunOptions = {}, flags = "") {
    const { code, out } = await bench.run(`status --check --json ${flags}`, withBackend(options));
    const { ok, checks, profile }: CheckReport = JSON.parse(out);
    assertEquals(code, ok ? 0 : 1);
    const found = (name: CheckName): CheckResult => checks.find((result) => result.name === name)!;
    return { ok, checks, profile, found };
  }

  async function contents(): Promise<string[]> {
    const names = await readdir(bench.folder, { recursive: true });
    return await Promise.all(
      names.sort().map(async (name) => {
        const path = join(bench.folder, name);
        return (await stat(path)).isDirectory() ? name : `${name}: ${await readFile(path, "utf8")}`;
      }),
    );
  }

  it("finds no problem with a working sign-in", async () => {
    await bench.run("login");
    const { ok, checks, profile } = await checked();
    assertEquals([ok, profile], [true, { name: "default", source: "default" }]);
    assertEquals(checks.map(({ name, state }) => `${name} ${state}`), [
      "profile ok",
      "keychain skipped",
      "record ok",
      "permissions ok",
      "proxy ok",
      "tls skipped",
      "issuer ok",
      "clock ok",
      "backend ok",
      "token ok",
    ]);
  });

  it("prints the same for people, one line per check, on standard output", async () => {
    await bench.run("login");
    const { code, out, err } = await bench.run("status --check", withBackend());
    assertEquals([code, err, out.trimEnd().split("\n").length], [0, "", 10]);
    assertMatch(out, /^✓ Sign-in +Signed in; the token expires in 23 hours and is then refreshed$/m);
    const hosts = [bench.issuer, backend.origin].map((url) => new URL(url).host);
    assertStringIncludes(out, `✓ Token        Accepted by ${hosts.join(" and ")}\n`);
  });

  it("changes nothing: an expired token is not refreshed", async () => {
    await bench.run("login");
    const { storage } = JSON.parse((await bench.run("status --json")).out);
    const record = await readFile(storage.location, "utf8");
    await writeFile(storage.location, record.replace(/(expiresAt\W+)\d+/, "$11000"));
    const before = await contents();
    bench.emulator.requests.length = 0;
    const { ok, found } = await checked();
    assertEquals([ok, found("token").state], [true, "skipped"]);
    assertEquals(
      found("record").message,
      "Signed in; the token has expired, and the next command refreshes it",
    );
    assertEquals(await contents(), before);
    assertEquals(bench.emulator.requests.map(({ endpoint }) => endpoint), ["metadata"]);
  });

  it("reports an expired token that cannot be refreshed", async () => {
    const tokens = JSON.stringify({ accessToken: "expired", expiresAt: 1000 });
    const storage = { get: () => tokens, set() {}, delete() {} };
    const { ok, found } = await checked({ config: { storage } });
    assertEquals([ok, found("record").message, found("record").action], [
      false,
      "The token has expired, and cannot be refreshed",
      "Run `notes login`",
    ]);
  });

  it("reports that nobody is signed in, and what to run", async () => {
    const { ok, found } = await checked();
    assertFalse(ok);
    assertEquals(found("record"), {
      name: "record",
      state: "failed",
      message: "You are not signed in",
      action: `Run \`notes login\`, or set ${TOKEN_VARIABLE}`,
    });
    assertEquals([found("permissions").state, found("token").state], ["skipped", "skipped"]);
  });

  it("reports that the issuer rejects the token of a revoked session", async () => {
    await bench.run("login");
    bench.emulator.revokeGrants();
    const { ok, found } = await checked();
    assertEquals([ok, found("token")], [false, {
      name: "token",
      state: "failed",
      message: `Refused by ${new URL(bench.issuer).host}`,
      action: "Run `notes login`",
    }]);
  });

  it("names the variable whose token the backend rejects", async () => {
    setVariable(TOKEN_VARIABLE, "ak_wrong");
    const { ok, found } = await checked();
    assertEquals([ok, found("record").state, found("backend").state], [false, "skipped", "ok"]);
    assertEquals(
      found("token").message,
      `${new URL(backend.origin).host} refused the token in ${TOKEN_VARIABLE}`,
    );
  });

  it("accepts the token in the environment, and only asks the backend about it", async () => {
    setVariable(TOKEN_VARIABLE, "ak_right");
    const { ok, found } = await checked();
    assertEquals([ok, found("token").message], [true, `Accepted by ${new URL(backend.origin).host}`]);
  });

  itWith(unlessWindows("permission bits"), "finds credentials that others can read or replace", async () => {
    await bench.run("login");
    const { storage } = JSON.parse((await bench.run("status --json")).out);
    await chmod(storage.location, 0o644);
    const { ok, found } = await checked();
    assertEquals([ok, found("permissions").action], [false, `Run \`chmod 600 ${storage.location}\``]);
    const directory = join(storage.location, "..");
    await chmod(directory, 0o777);
    assertEquals((await checked()).found("permissions").action, `Run \`chmod 700 ${directory}\``);
  });

  it("finds a wrong clock", async () => {
    await bench.run("login");
    const fetch = async (...request: Parameters<typeof globalThis.fetch>) => {
      const response = await globalThis.fetch(...request);
      const date = new Date(Date.now() - 10 * 60_000).toUTCString();
      return new Response(response.body, { status: response.status, headers: { date } });
    };
    const { ok, found } = await checked({ config: { fetch } });
    const { host } = new URL(bench.issuer);
    assertFalse(ok);
    assertMatch(found("clock").message, new RegExp(`^10(\\.\\d)? minutes ahead of ${host}$`));
  });

  it("finds an untrusted certificate, and says how to trust it", async () => {
    const fetch = () =>
      Promise.reject(
        new TypeError("fetch failed", { cause: new Error("self-signed certificate in certificate chain") }),
      );
    const { ok, found } = await checked({ config: { fetch, issuer: "https://clerk.example.com" } });
    assertEquals([ok, found("tls").state, found("issuer").state], [false, "failed", "failed"]);
    assertStringIncludes(found("tls").action, "NODE_EXTRA_CA_CERTS");
  });

  it("names the proxy's variable, not its value", async () => {
    for (const name of ["HTTP_PROXY", "http_proxy"]) setVariable(name, "http://ada:secret@127.0.0.1:9");
    for (const name of ["NO_PROXY", "no_proxy"]) setVariable(name, "127.0.0.1,localhost");
    const { checks, found } = await checked();
    assertStringIncludes(found("proxy").message, "HTTP_PROXY");
    assertFalse(JSON.stringify(checks).includes("secret"));
  });

  it("reports that the issuer cannot be reached, and that there is no clock to compare with", async () => {
    const { ok, found } = await checked({ config: { issuer: "http://127.0.0.1:9" } });
    assertFalse(ok);
    assertMatch(found("issuer").message, /127\.0\.0\.1:9 could not be reached/);
    assertEquals(found("clock").state, "skipped");
  });

  it("reports that something other than an issuer responds", async () => {
    status = 404;
    const { ok, found } = await checked({ config: { issuer: backend.origin } });
    assertEquals([ok, found("issuer").message], [
      false,
      `${new URL(backend.origin).host} responds, but is not an issuer`,
    ]);
  });

  for (const [at, action] of [[503, "Try again later"], [404, "Check 'identityEndpoint'"]] as const) {
    it(`reports that the backend responds with status ${at}`, async () => {
      status = at;
      await bench.run("login");
      const { ok, found } = await checked();
      assertEquals([ok, found("token").state], [false, "ok"]);
      assertStringIncludes(found("backend").message, `responds with status ${at}`);
      assertStringIncludes(found("backend").action, action);
    });
  }

  it("checks the rest if the profile cannot be used", async () => {
    const { ok, profile, checks, found } = await checked({}, "--profile other");
    assertEquals([ok, profile, found("profile").state, found("issuer").state], [false, null, "failed", "ok"]);
    assert(checks.every(({ name }) => name !== "record"));
  });

  itWith(ON_LINUX, "reports that the keychain is hidden, and what that means", async () => {
    setVariable("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    const hidden = (keychainFallback: "file" | "error") =>
      // However long it takes to find nobody.
      onFakeClock(() => checked({ config: { storage: "keychain", keychainFallback } }), isOfDeadline);
    assertEquals((await hidden("file")).found("keychain").state, "warning");
    const { state, action } = (await hidden("error")).found("keychain");
    assertEquals(state, "failed");
    assertStringIncludes(action, "A sandbox, a container or an SSH session hides it");
  });
});
