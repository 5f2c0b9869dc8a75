import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { ClerkCliAuth } from "@clerk/cli-auth";
import { runAuthCommand } from "@clerk/cli-auth/commands";
import { openContext, resolveConfig } from "../doors/client.ts";
import { onCorruptFile } from "../harness/fake_clock.ts";
import { caught } from "../harness/caught.ts";
import { createFakeRuntime } from "../harness/fake_runtime.ts";
import { type Bench, createBench } from "./support/bench.ts";

describe("the profile that the user chose", () => {
  let bench: Bench;
  const profileEnvVar = "BENCH_PROFILE";

  beforeEach(async () => {
    bench = await createBench();
    bench.emulator.createUser({ email: "bob@example.com", firstName: "Bob" });
    await bench.run("login");
    await bench.run("login --profile work", { email: "bob@example.com" });
  });
  afterEach(async () => {
    delete process.env[profileEnvVar];
    await bench.close();
  });

  const emailOf = async (auth: ClerkCliAuth) => (await auth.whoami())?.email;

  it("is used by the program's own calls", async () => {
    assertEquals(await bench.auth().selectedProfile(), { name: "default", source: "default" });
    await bench.run("profiles use work");
    const auth = bench.auth();
    assertEquals([await emailOf(auth), await auth.selectedProfile()], [
      "bob@example.com",
      { name: "work", source: "chosen" },
    ]);
    const { accessToken } = await bench.auth().withProfile("work").getTokenSet() ?? {};
    assertEquals((await auth.resolveToken()).token, accessToken);
  });

  it("is overridden by the file, the variable, and the program's own choice, in this order", async () => {
    await bench.run("login --profile third");
    const profileFile = join(bench.folder, "notes-profile");
    await writeFile(profileFile, "third\n");
    await bench.run("profiles use work");
    const config = { profileEnvVar, profileFile };
    const selected = async (more = {}) => await bench.auth({ ...config, ...more }).selectedProfile();
    assertEquals(await selected(), { name: "third", source: "file" });
    process.env[profileEnvVar] = "work";
    assertEquals(await selected(), { name: "work", source: "env" });
    assertEquals(await selected({ profile: "default" }), { name: "default", source: "pinned" });
    assertEquals(await emailOf(bench.auth({ ...config, profile: "default" })), "ada@example.com");
  });

  it("is announced if a file named it, to the program as well", async () => {
    const profileFile = join(bench.folder, "notes-profile");
    await writeFile(profileFile, "work\n");
    const events: unknown[] = [];
    const auth = bench.auth({ profileFile, onEvent: (event) => events.push(event) });
    assertEquals(await emailOf(auth), "bob@example.com");
    assertEquals(events, [{ type: "profile", name: "work", path: profileFile }]);
  });

  it("is announced at a terminal if a file named it, unless the program writes there itself", async () => {
    const profileFile = join(bench.folder, "notes-profile");
    await writeFile(profileFile, "work\n");
    const { clientId } = bench.emulator.application;
    const written = async (ui: "auto" | "none", isInteractive: boolean) => {
      const runtime = await createFakeRuntime({ isInteractive, homeDirectory: bench.folder });
      await openContext(resolveConfig({ clientId, issuer: bench.issuer, profileFile, ui }), runtime);
      return runtime.written;
    };
    assertEquals(await written("auto", true), `Using profile "work" (from ${profileFile})\n`);
    assertEquals([await written("none", true), await written("auto", false)], ["", ""]);
  });

  it("is not used by a command whose client is pinned to another", async () => {
    await bench.run("profiles use work");
    assertEquals(await runAuthCommand(bench.auth().withProfile("default"), ["logout"], silent()), 0);
    assertEquals(await emailOf(bench.auth()), "bob@example.com");
    assertEquals(await bench.auth().withProfile("default").getTokenSet(), null);
  });

  it("is never replaced by the default one: missing, foreign and corrupt ones are errors", async () => {
    const folder = join(bench.folder, "clerk-cli-auth", bench.emulator.application.clientId);
    const codeOf = async (config = {}) => (await caught(() => bench.auth(config).getAccessToken())).code;
    process.env[profileEnvVar] = "nobody";
    assertEquals(await codeOf({ profileEnvVar }), "config");
    process.env[profileEnvVar] = "work";
    assertEquals(await codeOf({ profileEnvVar, issuer: "https://clerk.example.com" }), "config");
    process.env[profileEnvVar] = "../evil";
    assertEquals(await codeOf({ profileEnvVar }), "config");
    await writeFile(join(folder, "chosen-profile@default.json"), "[]");
    assertEquals(await onCorruptFile(() => codeOf()), "storage");
  });

  it("may be new for a login if a variable names it, but not if a file does", async () => {
    process.env[profileEnvVar] = "new";
    assertEquals((await bench.auth({ profileEnvVar }).login()).user.email, "ada@example.com");
    assertEquals((await bench.run("whoami --profile new")).code, 0);
    const profileFile = join(bench.folder, "notes-profile");
    await writeFile(profileFile, "newer\n");
    assertEquals((await caught(() => bench.auth({ profileFile }).login())).code, "config");
  });

  for (const command of ["whoami", "token", "status"]) {
    it(`is refused by ${command} if there is a token in the environment`, async () => {
      process.env.BENCH_TOKEN = "ak_other";
      const { code, out, err } = await bench.run(`${command} --profile work`);
      assertEquals([code, out], [2, ""]);
      assertStringIncludes(err, '"--profile" has no effect while BENCH_TOKEN is set');
    });
  }
});

describe("a profile that belonged to someone else", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await createBench();
    bench.emulator.createUser({ email: "bob@example.com", firstName: "Bob" });
    await bench.run("login");
    await bench.run("login --profile work");
  });
  afterEach(() => bench.close());

  it("accepts anyone once its session has ended, if it is the default one", async () => {
    const asBob = { email: "bob@example.com" };
    assertEquals((await bench.run("login", asBob)).code, 1);
    bench.emulator.revokeGrants();
    assertEquals(await bench.auth().getAccessToken({ forceRefresh: true }), null);
    const { code, err } = await bench.run("login", asBob);
    assertEquals(code, 0);
    assertStringIncludes(err, 'The profile "default" belonged to Ada Lovelace (ada@example.com).');
    assertEquals((await bench.run("whoami")).out, "bob@example.com\n");
  });

  it("accepts someone else with --force once its session has ended, if it has a name", async () => {
    const asBob = { email: "bob@example.com" };
    assertEquals((await bench.run("login --profile work --force", asBob)).code, 1);
    await bench.run("logout --profile work");
    const { code, err } = await bench.run("login --profile work", asBob);
    assertEquals([code, err.split("\n")[0]], [
      1,
      'The profile "work" belongs to Ada Lovelace (ada@example.com).',
    ]);
    assertStringIncludes(err, "replace it with `notes login --profile work --force`");
    assertEquals((await bench.run("login --profile work --force", asBob)).code, 0);
    assertEquals((await bench.run("whoami --profile work")).out, "bob@example.com\n");
  });

  it("at another issuer is replaced by a login and removed by a logout, which say so", async () => {
    const old = bench.issuer;
    const config = { issuer: old.replace("127.0.0.1", "localhost") };
    const out = await bench.run("logout --profile work", { config });
    assertEquals(out.code, 0);
    assertStringIncludes(out.err, `Removed the sign-in at ${old}`);
    assertEquals((await bench.run("profiles list --json", { config })).out.includes("work"), false);
    const { err: refusal } = await bench.run("whoami", { config });
    assertStringIncludes(refusal, `The profile "default" is signed in at ${old}.`);
    assertStringIncludes(refusal, `Run \`notes login\` to sign in at ${config.issuer} instead.`);
    const { err } = await bench.run("login", { config });
    assertStringIncludes(err, `This replaces the sign-in of Ada Lovelace (ada@example.com) at ${old}.`);
  });
});

describe("a profile that cannot be determined", () => {
  let bench: Bench;
  const profileEnvVar = "BENCH_PROFILE";
  const path = (name: string) =>
    join(bench.folder, "clerk-cli-auth", bench.emulator.application.clientId, name);
  const run: Bench["run"] = (...args) => onCorruptFile(() => bench.run(...args));

  beforeEach(async () => {
    bench = await createBench();
    await bench.run("login");
    await bench.run("login --profile work");
  });
  afterEach(async () => {
    delete process.env[profileEnvVar];
    await bench.close();
  });

  it("is reported in a sentence by every command if the choice is corrupt", async () => {
    await writeFile(path("chosen-profile@default.json"), "[]");
    for (const command of ["login", "logout", "whoami", "status", "token"]) {
      const { code, err } = await run(command);
      assertEquals(code, 1, command);
      assertStringIncludes(err, `The profile file ${path("chosen-profile@default.json")} is corrupt.`);
      assertStringIncludes(err, "Choose a profile again (`profiles use NAME`)");
    }
  });

  it("is reported with the file of the choice if that cannot be read", async () => {
    await mkdir(path("chosen-profile@default.json"));
    const { code, err } = await run("whoami");
    assertEquals(code, 1);
    assertStringIncludes(err, path("chosen-profile@default.json"));
  });

  it("keeps nobody from choosing again if the choice is corrupt", async () => {
    await writeFile(path("chosen-profile@default.json"), "[]");
    const { code, out, err } = await run("profiles");
    assertEquals([code, out.includes("* "), out.includes("work")], [0, false, true]);
    assertStringIncludes(err, "is corrupt");
    assertEquals((await run("logout --profile work")).code, 0);
    assertEquals((await run("profiles use default")).code, 0);
    assertEquals((await run("whoami")).out, "ada@example.com\n");
  });

  it("is reported in a sentence if the variable has no valid name", async () => {
    process.env[profileEnvVar] = "../evil";
    const { code, err } = await run("whoami", { profileEnvVar });
    assertEquals(code, 2);
    assertStringIncludes(err, `${profileEnvVar} must be 1 to 64 letters`);
  });

  it("can be signed out and in again if its own file is corrupt", async () => {
    for (
      const [line, file] of [["", "profile@default.json"], ["--profile work", "profile@default@work.json"]]
    ) {
      await writeFile(path(file!), "[]");
      assertEquals((await run(`whoami ${line}`)).code, 1);
      assertEquals((await run(`logout ${line}`)).code, 0);
      assertEquals((await run(`login ${line}`)).code, 0);
      await writeFile(path(file!), "[]");
      assertEquals((await run(`login ${line}`)).code, 0);
      assertEquals((await run(`whoami ${line}`)).out, "ada@example.com\n");
    }
  });
});

/** Streams that discard what is written. */
function silent() {
  const nowhere = { write: () => {} };
  return { stdout: nowhere, stderr: nowhere };
}
