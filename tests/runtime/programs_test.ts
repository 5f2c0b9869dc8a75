import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { loadRuntime, type Programs } from "../doors/runtime.ts";
import { OWN_RUNTIME, runProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { makeTemporaryFolder, type TemporaryFolder } from "../harness/temporary_folder.ts";
import { PSEUDO_TERMINAL, startInTerminal } from "./pseudo_terminal.ts";

describe("programs", () => {
  let programs: Programs;
  let folder: TemporaryFolder;

  beforeEach(async () => {
    ({ programs } = await loadRuntime());
    folder = await makeTemporaryFolder();
  });

  afterEach(() => folder.remove());

  it("run() hands over standard input and gives back both outputs and the exit code", async () => {
    const secret = "sécret ".repeat(100_000);
    const script = "cat; printf '%s' warning >&2; exit 3";

    assertEquals(await programs.run("sh", ["-c", script], { stdin: secret }), {
      code: 3,
      stdout: secret,
      stderr: "warning",
    });
  });

  it("run() hands arguments over as they are, through no shell", async () => {
    const args = ["a b", "$HOME", '"quoted" & `x`', "", "*"];
    const { stdout } = await programs.run("printf", ["<%s>", ...args]);

    assertEquals(stdout, args.map((arg) => `<${arg}>`).join(""));
  });

  it("run() adds variables to the environment that the program inherits", async () => {
    const { stdout } = await programs.run("sh", ["-c", 'printf "%s %s" "$ADDED" "$HOME"'], {
      env: { ADDED: "here" },
    });

    assertEquals(stdout, `here ${process.env.HOME}`);
  });

  it("run() does not mind a program that does not read its standard input", async () => {
    const { code } = await programs.run("sh", ["-c", "exec <&-; exit 4"], { stdin: "x".repeat(1_000_000) });

    assertEquals(code, 4);
  });

  it("run() gives 128 and the number of the signal that ended a program", async () => {
    assertEquals((await programs.run("sh", ["-c", "kill -TERM $$"])).code, 143);
  });

  it("run() kills the program at an abort, although a child of it holds its output", async () => {
    const reason = new Error("no longer");
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 200);
    const start = performance.now();
    const file = join(folder.path, "done");
    const running = programs.run("sh", ["-c", `sleep 4 & sleep 2; touch '${file}'; wait`], {
      signal: stop.signal,
    });

    assert(await assertRejects(() => running) === reason);
    assert(performance.now() - start < 2_000);
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    assertEquals(await readFile(file).then(() => true, () => false), false);
  });

  it("run() and launch() reject with ENOENT when there is no such program", async () => {
    for (const start of [programs.run, programs.launch]) {
      const error = await assertRejects(() => Promise.resolve(start("no-such-program-anywhere", [])));

      assertEquals((error as { code?: string }).code, "ENOENT");
    }
  });

  it("run() and launch() hand on nothing of the dotenv files of the working folder", async () => {
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
  });

  it("launch() resolves when the program has started, and tells its exit code", async () => {
    const start = performance.now();
    const { exited } = await programs.launch("sh", ["-c", "sleep 1; exit 5"]);
    const startedMs = performance.now() - start;
    // What was launched keeps no process alive, this one neither.
    const alive = setInterval(() => {}, 1_000);

    assert(startedMs < 900, `It took ${startedMs} ms`);
    assertEquals(await exited, 5);
    clearInterval(alive);
  });

  it("launch() hands arguments over as they are, through no shell", async () => {
    const name = '$HOME "quoted" & `x` $(y) ; *';
    const { exited } = await programs.launch("touch", ["--", join(folder.path, name)]);
    const alive = setInterval(() => {}, 1_000);
    await exited;
    clearInterval(alive);

    assertEquals(await readdir(folder.path), [name]);
  });

  it("launch() starts a program that outlives the process and does not keep it alive", async () => {
    const file = join(folder.path, "written");
    const start = performance.now();
    const { code, stderr } = await runProgram("runtime/launch", {
      args: ["sh", "-c", `sleep 3; echo late > '${file}'`],
    });

    assertEquals([code, stderr], [0, ""]);
    assert(performance.now() - start < 2_500, "the process waited for the program");
    await new Promise((resolve) => setTimeout(resolve, 3_200));
    assertEquals(await readFile(file, "utf8"), "late\n");
  });

  itWith(
    PSEUDO_TERMINAL,
    "launch() keeps Ctrl-C in the terminal from the program, and the program from it",
    async () => {
      const file = join(folder.path, "written");
      const script = `echo visible; echo visible >&2; cat; sleep 1; echo late > '${file}'`;
      const session = startInTerminal("runtime/launch", { args: ["--stay", "sh", "-c", script] });
      await session.waitFor("launched");
      session.type("\x03");
      const shown = await session.ended;
      await new Promise((resolve) => setTimeout(resolve, 1_500));

      assertStringIncludes(shown, "[exit 130]");
      assert(!shown.includes("visible"));
      assertEquals(await readFile(file, "utf8"), "late\n");
    },
  );

  if (OWN_RUNTIME === "deno") {
    itWith(
      PSEUDO_TERMINAL,
      "rejects with EACCES, and does not prompt, where running is not permitted",
      async () => {
        const options = { args: ["sh", "-c", "true"], permissions: ["--allow-run=other"] };

        assertStringIncludes(await startInTerminal("runtime/launch", options).ended, "EACCES\r\n[exit 0]");
      },
    );
  }
});
