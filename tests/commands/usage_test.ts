import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import process from "node:process";
import { authCommands, isAuthCommand } from "@clerk/cli-auth/commands";
import { type Bench, createBench } from "./support/bench.ts";

const COMMANDS = ["login", "logout", "whoami", "status", "token", "profiles"];

describe("the ready-made commands", () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await createBench();
  });

  afterAll(() => bench.close());

  for (const command of COMMANDS) {
    for (const flag of ["--help", "-h"]) {
      it(`show the help of ${command} for ${flag}`, async () => {
        const { code, out, err } = await bench.run(`${command} ${flag}`);
        assertEquals([code, err], [0, ""]);
        assertStringIncludes(out, `Usage: notes ${command}`);
        assertStringIncludes(out, "--help");
      });
    }

    it(`report a misused ${command} in JSON, too`, async () => {
      const { code, out } = await bench.run(`${command} --tokne --json`);
      assertEquals([code, JSON.parse(out)], [2, {
        error: {
          code: "config",
          message: 'There is no flag "--tokne"',
          action: `Run \`notes ${command} --help\``,
          retryable: false,
        },
      }]);
    });

    it(`reject a flag that ${command} does not have, without repeating its value`, async () => {
      const { code, out, err } = await bench.run(`${command} --tokne=ak_secret`);
      assertEquals([code, out], [2, ""]);
      assertStringIncludes(err, 'There is no flag "--tokne"');
      assertStringIncludes(err, `Usage: notes ${command}`);
      assertEquals(err.includes("ak_secret"), false);
    });
  }

  const misuses: [line: string, message: string][] = [
    ["whoami me", '"whoami" takes flags only'],
    ["whoami --profile", '"--profile" needs a value'],
    ["whoami --profile a --profile b", '"--profile" was given twice'],
    ["whoami -x", 'There is no flag "-x"'],
    ["login --browser --paste", '"--browser" and "--paste" exclude each other'],
    ["login --paste --with-token", "exclude each other"],
    ["login --paste --device", '"--paste" and "--device" exclude each other'],
    ["login --with-token --scopes openid", "exclude each other"],
    ["logout --all --profile a", '"--all" and "--profile" exclude each other'],
    ["profiles use", '"profiles" takes'],
    ["profiles use a b", '"profiles" takes one name'],
    ["profiles burn a", '"profiles" takes'],
  ];
  for (const [line, message] of misuses) {
    it(`reject "${line}"`, async () => {
      const { code, out, err } = await bench.run(line);
      assertEquals([code, out], [2, ""]);
      assertStringIncludes(err, message);
      assertStringIncludes(err, "Usage: notes");
    });
  }

  it("show login --device only if the program says that it works", async () => {
    const shown = async (options: { device?: boolean }) => (await bench.run("login --help", options)).out;
    assertStringIncludes(await shown({ device: true }), "--device");
    assertFalse((await shown({})).includes("--device"));
    assertFalse((await bench.run("login --nonsense")).err.includes("--device"));
  });

  it("offer their help as data", () => {
    const { login, profiles } = authCommands(bench.auth(), { device: true });
    assertEquals(login.summary, "Sign in");
    assertEquals(login.flags.find(({ name }) => name === "scopes"), {
      name: "scopes",
      value: "A,B",
      summary: "Ask for these scopes",
    });
    assert(login.flags.some(({ name }) => name === "device"));
    assertEquals(profiles.actions.map(({ name, operand }) => [name, operand]), [
      ["list", undefined],
      ["use", "NAME"],
      ["remove", "NAME"],
    ]);
  });

  it("show all of them for --help", async () => {
    for (const line of ["--help", "-h", "help"]) {
      const { code, out } = await bench.run(line);
      assertEquals(code, 0);
      assertEquals(COMMANDS.filter((name) => !out.includes(`  ${name}`)), []);
    }
  });

  it("reject anything else", async () => {
    for (const line of ["", "lgoin", "constructor", "--json"]) {
      const { code, out, err } = await bench.run(line);
      assertEquals([code, out], [2, ""]);
      assertStringIncludes(err, "Usage: notes COMMAND");
    }
  });

  it("are distinguished from the program's own commands", () => {
    assertEquals(["login", "profiles", "add", "toString", undefined].map(isAuthCommand), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("use the application's name by default", async () => {
    const { err } = await bench.run("whoami", { config: { appName: "My Notes" } });
    assertStringIncludes(err, "`my-notes login`");
  });

  it("color the marks only on a terminal, and not with NO_COLOR", async () => {
    const shown = async () => (await bench.run("whoami", { terminals: ["stderr"] })).err;
    const { NO_COLOR, TERM } = process.env;
    try {
      delete process.env.NO_COLOR;
      process.env.TERM = "xterm";
      assertStringIncludes(await shown(), "\x1b[31m✗\x1b[0m");
      assertEquals((await bench.run("whoami")).err.includes("\x1b"), false);
      process.env.NO_COLOR = "1";
      assertEquals((await shown()).includes("\x1b"), false);
    } finally {
      restore("NO_COLOR", NO_COLOR);
      restore("TERM", TERM);
    }
  });
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
