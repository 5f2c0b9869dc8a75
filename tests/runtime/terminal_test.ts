import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadRuntime } from "../doors/runtime.ts";
import { runProgram, startProgram } from "../harness/program.ts";
import { itWith } from "../harness/requirement.ts";
import { PSEUDO_TERMINAL, startInTerminal } from "./pseudo_terminal.ts";

describe("terminal", () => {
  it("knows that a pipe is not a terminal, and assumes 80 columns", async () => {
    const { code, stdout } = await runProgram("runtime/describe_terminal");

    assertEquals(code, 0);
    assertEquals(JSON.parse(stdout), { stdin: false, stdout: false, stderr: false, columns: 80 });
  });

  itWith(PSEUDO_TERMINAL, "recognizes a terminal", async () => {
    const shown = await startInTerminal("runtime/describe_terminal", { args: [] }).ended;

    assertStringIncludes(shown, JSON.stringify({ stdin: true, stdout: true, stderr: true, columns: 80 }));
  });

  it("write() writes a whole text to standard error, even if nobody reads it", async () => {
    const whole = await runProgram("runtime/write_text", { args: ["300000"] });
    assertEquals([whole.code, whole.stderr.length, whole.stdout], [0, 300_000, "written\n"]);

    const unread = startProgram("runtime/write_text", { args: ["300000"] });
    unread.child.stderr?.destroy();
    assertEquals((await unread.ended).stdout, "written\n");
  });
});

describe("readLine() on a pipe", () => {
  it("reads line by line, a last one without an ending, then null", async () => {
    const program = startProgram("runtime/read_lines", { args: ["line", "line", "line", "hidden", "line"] });
    program.child.stdin?.end("one\r\n\nthree ü\nfour");
    const { stdout } = await program.ended;

    assertEquals(answers(stdout), ["one", "", "three ü", "four", null]);
  });

  it("assembles a line from pieces", async () => {
    const program = startProgram("runtime/read_lines", { args: ["line"] });
    await program.waitForOutput(/line\?/);
    for (const byte of new TextEncoder().encode("zwölf\n")) {
      await new Promise((resolve) => program.child.stdin?.write(new Uint8Array([byte]), resolve));
    }
    const { stdout } = await program.ended;

    assertEquals(answers(stdout), ["zwölf"]);
  });

  it("leaves what follows the line to other readers, and does not keep the process alive", async () => {
    const program = startProgram("runtime/read_lines", { args: ["line", "others", "line"] });
    program.child.stdin?.write("one\n");
    await program.waitForOutput(/others\?/);
    program.child.stdin?.write("two\n");
    await program.waitForOutput(/others: "two\\n"/);
    program.child.stdin?.write("three\nfour\n");
    const { stdout, code } = await program.ended;

    assertEquals([code, answers(stdout)], [0, ["one", "two\n", "three"]]);
  });

  it("rejects with the reason of an abort and leaves the next line to the next call", async () => {
    const program = startProgram("runtime/read_lines", { args: ["aborted", "line"] });
    await program.waitForOutput(/line\?/);
    program.child.stdin?.end("one\n");
    const { stdout } = await program.ended;

    assertEquals(answers(stdout), ["given up", "one"]);
  });

  it("rejects at once if the signal has already aborted", async () => {
    const { terminal } = await loadRuntime();
    const reason = await terminal.readLine({ signal: AbortSignal.abort("too late") }).catch((error) => error);

    assertEquals(reason, "too late");
  });
});

describe("readLine() in a terminal", () => {
  itWith(PSEUDO_TERMINAL, "shows a typed line, and hides a hidden one", async () => {
    const session = startInTerminal("runtime/read_lines", { args: ["line", "hidden", "line"] });
    await session.waitFor("line?");
    session.type("visible\n");
    await session.waitFor("hidden?");
    await session.untilHidden();
    session.type("in");
    session.type("visiblx\x7fe\r");
    await session.waitFor('hidden: "invisible"');
    await session.waitFor("line?");
    session.type("shown\n");
    const shown = await session.ended;

    assertStringIncludes(shown, '\nvisible\r\nline: "visible"');
    assertStringIncludes(shown, 'hidden?\r\nhidden: "invisible"');
    assertStringIncludes(shown, '\nshown\r\nline: "shown"');
    assertStringIncludes(shown, "[exit 0]\r\n[restored]");
  });

  itWith(PSEUDO_TERMINAL, "accepts a pasted line of many thousand characters", async () => {
    const pasted = "http://127.0.0.1:1234/callback?code=" + "x".repeat(8_000);
    const session = startInTerminal("runtime/read_lines", { args: ["hidden"] });
    await session.waitFor("hidden?");
    await session.untilHidden();
    session.type(`\x1b[200~${pasted}\x1b[201~\r`);
    const shown = await session.ended;

    assertStringIncludes(shown, `hidden: "${pasted}"`);
  });

  itWith(PSEUDO_TERMINAL, "leaves the next line to the next reader after an abort", async () => {
    const session = startInTerminal("runtime/read_lines", {
      args: ["aborted", "aborted-hidden", "others", "line"],
    });
    await session.waitFor("others?");
    session.type("for others\n");
    await session.waitFor('others: "for others\\n"');
    await session.waitFor("line?");
    session.type("for us\n");
    const shown = await session.ended;

    assertStringIncludes(shown, 'line: "for us"');
    assertStringIncludes(shown, "[exit 0]\r\n[restored]");
  });

  itWith(PSEUDO_TERMINAL, "does not keep the process alive after an abort", async () => {
    const shown = await startInTerminal("runtime/read_lines", { args: ["aborted", "aborted-hidden"] }).ended;

    assertStringIncludes(shown, "[exit 0]\r\n[restored]");
  });

  itWith(
    PSEUDO_TERMINAL,
    "lets Ctrl-C end the process and restores the terminal, even when hidden",
    async () => {
      for (const step of ["line", "hidden"]) {
        const session = startInTerminal("runtime/read_lines", { args: [step] });
        await session.waitFor(`${step}?`);
        if (step === "hidden") await session.untilHidden();
        session.type("begun\x03");

        assertStringIncludes(await session.ended, "[exit 130]\r\n[restored]");
      }
    },
  );

  itWith(PSEUDO_TERMINAL, "lets Ctrl-C reach an interrupt listener, even when hidden", async () => {
    for (const step of ["line", "hidden"]) {
      const session = startInTerminal("runtime/read_lines", { args: ["listen", step] });
      await session.waitFor(`${step}?`);
      if (step === "hidden") await session.untilHidden();
      session.type("\x03");
      await session.waitFor("heard SIGINT");
      session.type("and on\r");

      assertStringIncludes(await session.ended, `${step}: "and on"`);
    }
  });

  itWith(PSEUDO_TERMINAL, "returns null on Ctrl-D in an empty line", async () => {
    for (const step of ["line", "hidden"]) {
      const session = startInTerminal("runtime/read_lines", { args: [step] });
      await session.waitFor(`${step}?`);
      if (step === "hidden") await session.untilHidden();
      session.type("\x04");

      assertStringIncludes(await session.ended, `${step}: null`);
    }
  });
});

/** Parses the result of each read from the program's output. */
function answers(stdout: string): unknown[] {
  return [...stdout.matchAll(/^\w+: (.*)$/gm)].map(([, json = ""]) => JSON.parse(json));
}
