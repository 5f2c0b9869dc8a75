import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { ClerkCliAuth } from "@clerk/cli-auth";
import { runAuthCommand, withSelectedProfile } from "@clerk/cli-auth/commands";
import { resolveConfig } from "../doors/client.ts";
import { ProfileFiles } from "../doors/commands.ts";
import { onCorruptFile } from "../harness/fake_clock.ts";
import { caught } from "../harness/caught.ts";
import { createFakeRuntime, systemError } from "../harness/fake_runtime.ts";
import { makeTemporaryFolder } from "../harness/temporary_folder.ts";
import { type Bench, createBench } from "./support/bench.ts";

describe("profiles", () => {
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

  function folder(): string {
    return join(bench.folder, "clerk-cli-auth", bench.emulator.application.clientId);
  }

  function profileFile(): string {
    return join(bench.folder, "notes-profile");
  }

  async function whoami(options = {}): Promise<string> {
    return (await bench.run("whoami", options)).out.trim();
  }

  it("exist side by side", async () => {
    assertEquals([await whoami(), (await bench.run("whoami --profile work")).out.trim()], [
      "ada@example.com",
      "bob@example.com",
    ]);
  });

  it("are listed, with the current one marked", async () => {
    assertEquals((await bench.run("profiles list")).out.split("\n").map((line) => line.trim()), [
      "* default  Ada Lovelace (ada@example.com)",
      "work     Bob (bob@example.com)",
      "",
    ]);
  });

  it("are listed as JSON", async () => {
    await bench.run("logout --profile work");
    const reports = JSON.parse((await bench.run("profiles list --json")).out);
    assertEquals(
      reports.map(({ name, current, signedIn, account }: Record<string, unknown>) => [
        name,
        current,
        signedIn,
        (account as { email: string }).email,
      ]),
      [["default", true, true, "ada@example.com"], ["work", false, false, "bob@example.com"]],
    );
  });

  it("are chosen by the flag, the variable, the file and the choice, in this order", async () => {
    await bench.run("login --profile third");
    await bench.run("profiles use work");
    assertEquals(await whoami(), "bob@example.com");

    await writeFile(profileFile(), "third\n");
    const options = { profileEnvVar, profileFile: profileFile() };
    const byFile = await bench.run("whoami", options);
    assertEquals(byFile.out, "ada@example.com\n");
    assertEquals(byFile.err, `Using profile "third" (from ${profileFile()})\n`);

    process.env[profileEnvVar] = "work";
    assertEquals(await whoami(options), "bob@example.com");
    const byFlag = await bench.run("status --json --profile default", options);
    assertEquals(JSON.parse(byFlag.out).profile, { name: "default", source: "flag" });
  });

  it("can be switched back to the default one", async () => {
    await bench.run("profiles use work");
    await bench.run("profiles use default");
    assertEquals(await whoami(), "ada@example.com");
  });

  it("named by a file must exist, even for a login", async () => {
    await writeFile(profileFile(), "nobody");
    for (const command of ["whoami", "login"]) {
      const { code, err } = await bench.run(command, { profileFile: profileFile() });
      assertEquals(code, 1);
      assertStringIncludes(err, `There is no profile "nobody" (from ${profileFile()})`);
      assertStringIncludes(err, "notes login --profile nobody");
    }
  });

  for (const command of ["whoami", "status", "token", "logout"]) {
    it(`that do not exist are reported by ${command}`, async () => {
      const { code, out, err } = await bench.run(`${command} --profile nobody`);
      assertEquals([code, out], [1, ""]);
      assertStringIncludes(err, 'There is no profile "nobody"');
    });
  }

  it("cannot have a name that could be a path", async () => {
    const { code, err } = await bench.run("login --profile ../evil");
    assertEquals(code, 2);
    assertStringIncludes(err, "'profile' must be");
  });

  it("keep their owner after a logout", async () => {
    await bench.run("logout --profile work");
    const { code, err } = await bench.run("login --profile work");
    assertEquals(code, 1);
    assertStringIncludes(err, 'The profile "work" belongs to Bob (bob@example.com)');
    assertStringIncludes(err, "notes login --profile work --force");
  });

  it("are removed with their session, without affecting others", async () => {
    await bench.run("profiles use work");
    const { code, err } = await bench.run("profiles remove work");
    assertEquals(code, 0);
    assertStringIncludes(err, 'Removed the profile "work".');
    assertEquals(await bench.auth().withProfile("work").getTokenSet(), null);
    assertEquals(await whoami(), "ada@example.com");
    assertEquals((await bench.run("login --profile work")).code, 0);
  });

  it("cannot lose the default one", async () => {
    const { code, err } = await bench.run("profiles remove default");
    assertEquals(code, 2);
    assertStringIncludes(err, "cannot be removed");
  });

  it("survive a corrupt file of another one", async () => {
    const [file = ""] = (await readdir(folder())).filter((name) => /^profile.*work/.test(name));
    await writeFile(join(folder(), file), "[]");
    const { code, out } = await onCorruptFile(() => bench.run("profiles list"));
    assertEquals(code, 0);
    assertStringIncludes(out, "ada@example.com");
    assertEquals(await whoami(), "ada@example.com");
    const { code: failed, err } = await onCorruptFile(() => bench.run("whoami --profile work"));
    assertEquals(failed, 1);
    assertStringIncludes(err, `The profile file ${join(folder(), file)} is corrupt`);
  });

  it("are not duplicated by a copy of a file", async () => {
    const [file = ""] = (await readdir(folder())).filter((name) => /^profile.*work/.test(name));
    const text = await readFile(join(folder(), file), "utf8");
    await writeFile(join(folder(), file.replace("work", "copy")), text);
    assertEquals(JSON.parse((await bench.run("profiles list --json")).out).length, 2);
  });

  it("are not named by a file with control characters", async () => {
    await writeFile(profileFile(), "\x1b]0;evil\x07\n");
    const { code, err } = await bench.run("whoami", { profileFile: profileFile() });
    assertEquals([code, err.includes("\x1b")], [2, false]);
  });

  it("are not named by a link, whose target is not shown", async () => {
    await writeFile(join(bench.folder, "secret"), "aws_secret_access_key");
    for (const target of [join(bench.folder, "secret"), "/dev/zero", bench.folder]) {
      await symlink(target, profileFile());
      const { code, err } = await bench.run("whoami", { profileFile: profileFile() });
      assertEquals([code, err.includes("does not name a profile"), err.includes("aws")], [2, true, false]);
      await rm(profileFile());
    }
  });

  it("are not named by a directory, or by any other file, whose content is not shown", async () => {
    await mkdir(profileFile());
    assertEquals((await bench.run("whoami", { profileFile: profileFile() })).code, 2);
    await rm(profileFile(), { recursive: true });
    await writeFile(profileFile(), "password: hunter2\n");
    const { code, err } = await bench.run("whoami", { profileFile: profileFile() });
    assertEquals([code, err.includes("hunter2")], [2, false]);
  });

  it("are not named by an empty file", async () => {
    await writeFile(profileFile(), "");
    assertEquals(await whoami({ profileFile: profileFile() }), "ada@example.com");
  });

  it("of another issuer are not used", async () => {
    const elsewhere = { config: { issuer: "https://clerk.example.com" } };
    const { code, err } = await bench.run("whoami --profile work", elsewhere);
    assertEquals(code, 1);
    assertStringIncludes(err, `The profile "work" is signed in at ${bench.issuer}`);
  });

  it("contain no token", async () => {
    const { accessToken = "none", refreshToken = "none" } = await bench.auth().getTokenSet() ?? {};
    for (const file of (await readdir(folder())).filter((name) => name.startsWith("profile"))) {
      const text = await readFile(join(folder(), file), "utf8");
      assert(!text.includes(accessToken) && !text.includes(refreshToken));
    }
  });

  it("that the program itself signed in are known, too", async () => {
    await bench.auth().withProfile("own").login();
    assertEquals((await bench.run("whoami --profile own")).out, "ada@example.com\n");
    assertStringIncludes(
      (await bench.run("profiles use own")).err,
      'Now using profile "own".',
    );
  });

  it("are shown with who chose them, and who they belong to, after a logout", async () => {
    const source = async (line: string, options = {}) => {
      const { out } = await bench.run(`status ${line}`, options);
      return /Profile +(.*)\n/.exec(out)?.[1];
    };
    assertEquals(await source(""), "default");
    assertEquals(await source("--profile work"), "work (named by --profile)");
    process.env[profileEnvVar] = "work";
    assertEquals(await source("", { profileEnvVar }), `work (named by ${profileEnvVar})`);
    await writeFile(profileFile(), "work");
    assertEquals(await source("", { profileFile: profileFile() }), `work (named by ${profileFile()})`);
    assertEquals(await source("", { config: { profile: "work" } }), "work (chosen by Notes)");
    const nameless = { profile: "work", appName: undefined };
    assertEquals(await source("", { config: nameless, name: "notes" }), "work (chosen by the program)");
    await bench.run("profiles use work");
    assertEquals(await source(""), "work (chosen by `notes profiles use`)");

    await bench.run("logout");
    assertStringIncludes((await bench.run("status")).out, "Bob (bob@example.com)");
  });

  it("chosen by the program can be left for the default one", async () => {
    const config = { profile: "work" };
    assertEquals(await whoami({ config }), "bob@example.com");
    assertEquals((await bench.run("whoami --profile default", { config })).out, "ada@example.com\n");
  });

  it("are listed without an account if none is known", async () => {
    await bench.run("logout");
    const reports = JSON.parse((await bench.run("profiles list --json")).out);
    assertEquals(reports[0], { name: "default", current: true, signedIn: false, account: null });
    assertStringIncludes((await bench.run("profiles list")).out, "* default  not signed in\n");
  });

  it("are listed with their organization", async () => {
    const { id, name } = bench.emulator.organization;
    await bench.run("login --profile third --scopes email,user:org:read");
    const reports = JSON.parse((await bench.run("profiles list --json")).out);
    assertEquals(reports[1].account.organization.id, id);
    assertStringIncludes((await bench.run("profiles list")).out, `third    ada@example.com, ${name}\n`);
  });

  it("are removed even if their sign-in cannot be revoked, which fails and is reported", async () => {
    bench.emulator.faults.add({ endpoint: "revoke", status: 503 });
    const { code, err } = await bench.run("profiles remove work");
    assertEquals(code, 1);
    assertStringIncludes(err, "could not be revoked");
    assertEquals(JSON.parse((await bench.run("profiles list --json")).out).length, 1);
  });

  it("do not exist if credentials are kept in memory", async () => {
    const config = { storage: "memory" } as const;
    assertEquals(JSON.parse((await bench.run("profiles list --json", { config })).out).length, 1);
  });

  it("apply to the program's own commands", async () => {
    await bench.run("profiles use work");
    const auth = bench.auth();
    assertEquals((await (await withSelectedProfile(auth)).whoami())?.email, "bob@example.com");
    assertEquals(
      (await (await withSelectedProfile(auth, { profile: "default" })).whoami())?.email,
      "ada@example.com",
    );
    assertEquals((await caught(() => withSelectedProfile(auth, { profile: "x" }))).code, "config");
  });

  it("leave nothing on disk if credentials are kept in memory", async () => {
    await rm(join(bench.folder, "clerk-cli-auth"), { recursive: true });
    const config = { storage: "memory" } as const;
    assertEquals((await bench.run("login --profile work", { config })).code, 0);
    assertEquals((await bench.run("profiles use work", { config })).code, 1);
    assertEquals(await readdir(bench.folder), []);
  });
});

describe("ProfileFiles", () => {
  it("reports that a profile cannot be forgotten", async () => {
    const folder = await makeTemporaryFolder();
    const { files } = await createFakeRuntime();
    const remove = () => Promise.reject(systemError("EACCES"));
    const profiles = new ProfileFiles({
      runtime: await createFakeRuntime({
        homeDirectory: folder.path,
        parts: { files: { ...files, remove } },
      }),
      config: resolveConfig({ clientId: "client", issuer: "https://clerk.example.com", storage: "file" }),
    });
    const error = await caught(() => profiles.remove("work"));
    await folder.remove();
    assertEquals([error.code, error.message.includes("Cannot remove"), error.message.includes("(EACCES)")], [
      "storage",
      true,
      true,
    ]);
  });
});

describe("the ready-made commands", () => {
  it("reject a client that they cannot work with", async () => {
    const foreign = { getAccessToken: () => Promise.resolve("x") } as unknown as ClerkCliAuth;
    assertEquals((await caught(() => runAuthCommand(foreign, ["status"]))).code, "config");
  });
});
