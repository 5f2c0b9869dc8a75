import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { loadRuntime, type Programs } from "../doors/runtime.ts";
import { OWN_RUNTIME, runProgram } from "../harness/program.ts";
import { itWith, unlessWindows } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { guestFor, type Host, startHost } from "./host.ts";
import { PSEUDO_TERMINAL, startInTerminal } from "./pseudo_terminal.ts";

describe("programs", () => {
  let programs: Programs;
  let host: Host;
  let folder: TemporaryFolder;

  beforeEach(async () => {
    ({ programs } = await loadRuntime());
    host = await startHost();
    folder = await makeTemporaryFolder();
  });

  afterEach(async () => {
    await host.close();
    await folder.remove();
  });

  it("run() passes standard input and returns both outputs and the exit code", async () => {
    const secret = "sécret ".repeat(100_000);
    const [command, ...args] = guestFor("copy");

    assertEquals(await programs.run(command, args, { stdin: secret }), {
      code: 3,
      stdout: secret,
      stderr: "warning",
    });
  });

  const AWKWARD = ["a b", "$HOME", "%PATH%", '"quoted" & `x`', "$(y) ; *", "\\", 'a\\\\b"', "", "*"];

  it("run() passes arguments as they are, without a shell", async () => {
    const [command, ...args] = guestFor("args", ...AWKWARD);
    const { stdout } = await programs.run(command, args);

    assertEquals(JSON.parse(stdout), AWKWARD);
  });

  it("run() adds variables to the inherited environment", async () => {
    const [command, ...args] = guestFor("env", "ADDED", "PATH");
    const { stdout } = await programs.run(command, args, { env: { ADDED: "here" } });

    assertEquals(JSON.parse(stdout), ["here", process.env.PATH]);
  });

  it("run() accepts a program that does not read its standard input", async () => {
    const [command, ...args] = guestFor("ignore");
    const { code } = await programs.run(command, args, { stdin: "x".repeat(1_000_000) });

    assertEquals(code, 4);
  });

  itWith(
    unlessWindows("signals that end a process"),
    "run() returns 128 plus the number of the signal that ended a program",
    async () => {
      const [command, ...args] = guestFor("terminate");

      assertEquals((await programs.run(command, args)).code, 143);
    },
  );

  it("run() kills the program on an abort, even if a child of it holds its output", async () => {
    const reason = new Error("no longer");
    const stop = new AbortController();
    const [command, ...args] = host.guest;
    const running = programs.run(command, args, { signal: stop.signal });
    const guest = await host.next();
    await guest.tell("multiply");
    const child = await host.next();
    await child.tell("say");
    stop.abort(reason);

    assert(await assertRejects(() => running) === reason);
    await guest.ended;
    child.exit(0);
    await child.ended;
  });

  it("run() and launch() reject with ENOENT if there is no such program", async () => {
    for (const start of [programs.run, programs.launch]) {
      const error = await assertRejects(() => Promise.resolve(start("no-such-program-anywhere", [])));

      assertEquals((error as { code?: string }).code, "ENOENT");
    }
  });

  itWith(
    unlessWindows("sh, which reads no dotenv file itself"),
    "run() and launch() pass on nothing from the dotenv files of the working directory",
    async () => {
      await writeFile(join(folder.path, ".env"), "LD_PRELOAD=./evil.so\nBROWSER=./evil\n");
      const file = join(folder.path, "environment");
      const script = `echo "BROWSER=$BROWSER PRELOAD=$LD_PRELOAD GIVEN=$GIVEN" >> '${file}'`;
      for (const way of ["--run", "--wait"]) {
        await runProgram("runtime/launch", {
          args: [way, "sh", "-c", script],
          env: { BROWSER: undefined, LD_PRELOAD: undefined, GIVEN: "truly" },
          cwd: folder.path,
        });
      }

      assertEquals(await readFile(file, "utf8"), "BROWSER= PRELOAD= GIVEN=truly\n".repeat(2));
    },
  );

  it("launch() resolves when the program has started, and reports its exit code", async () => {
    const [command, ...args] = host.guest;
    const { exited } = await programs.launch(command, args);
    const guest = await host.next();
    guest.exit(5);

    assertEquals(await exited, 5);
  });

  it("launch() passes arguments as they are, without a shell", async () => {
    const file = join(folder.path, "arguments");
    const [command, ...args] = guestFor("keep", file, ...AWKWARD);
    const { exited } = await programs.launch(command, args);
    // A launched program keeps no process alive, including this one. The host does.
    await exited;

    assertEquals(JSON.parse(await readFile(file, "utf8")), AWKWARD);
  });

  it("launch() starts a program that outlives the process and does not keep it alive", async () => {
    const { code, stderr } = await runProgram("runtime/launch", { args: host.guest });
    const guest = await host.next();

    assertEquals([code, stderr], [0, ""]);
    await guest.tell("say");
  });

  itWith(
    PSEUDO_TERMINAL,
    "launch() keeps Ctrl-C in the terminal from the program, and the program from the terminal",
    async () => {
      const session = startInTerminal("runtime/launch", { args: ["--stay", ...host.guest] });
      await session.waitFor("launched");
      const guest = await host.next();
      await guest.tell("say");
      await guest.tell("read");
      session.type("\x03");
      const shown = await session.ended;
      await guest.tell("say");

      assertStringIncludes(shown, "[exit 130]");
      assert(!shown.includes("visible"));
    },
  );

  if (OWN_RUNTIME === "deno") {
    itWith(
      PSEUDO_TERMINAL,
      "rejects with EACCES, without a prompt, if running programs is not permitted",
      async () => {
        const options = { args: ["sh", "-c", "true"], permissions: ["--allow-run=other"] };

        assertStringIncludes(await startInTerminal("runtime/launch", options).ended, "EACCES\r\n[exit 0]");
      },
    );
  }
});
