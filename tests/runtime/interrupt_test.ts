import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import process from "node:process";
import { loadRuntime } from "../doors/runtime.ts";
import {
  OWN_RUNTIME,
  type Program,
  type ProgramResult,
  runProgram,
  startProgram,
} from "../harness/program.ts";
import { itWith, unlessWindows } from "../harness/requirement.ts";

/** A signal ends a process, or makes it exit as in a shell: with 128 plus its number. */
function endedBy({ code, signal }: ProgramResult): string | number | null {
  const exitCodes: Record<number, string> = { 129: "SIGHUP", 130: "SIGINT", 143: "SIGTERM" };
  return signal ?? exitCodes[code ?? 0] ?? code;
}

/** Unlike `child.kill()`, works more than once in Deno. */
function send({ child }: Program, signal: string): void {
  process.kill(child.pid ?? 0, signal);
}

const LINES = Array.from({ length: 30 }, (_, index) => `line ${index}`);

/**
 * Earlier signals have been noticed: the program goes through its loop for each line that it echoes. Deno hears of
 * signals from another thread, which a busy machine may delay for some rounds.
 */
async function settled(program: Program): Promise<void> {
  for (const line of LINES) {
    program.child.stdin?.write(`${line}\n`);
    await program.waitForOutput(new RegExp(`\n${line}\n`));
  }
}

const SIGNALS = unlessWindows("signals that one process sends another");

describe("onInterrupt()", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    itWith(
      SIGNALS,
      `calls the listener on ${signal} instead of ending the process, until it is stopped`,
      async () => {
        const program = startProgram("runtime/interrupt", { args: ["listen"] });
        await program.waitForOutput(/ready/);
        send(program, signal);
        await program.waitForOutput(new RegExp(`heard ${signal}`));
        send(program, "SIGTERM");
        await program.waitForOutput(new RegExp(`heard ${signal}\nheard SIGTERM\nstopped`));
        send(program, signal);

        assertEquals(endedBy(await program.ended), signal);
      },
    );
  }

  it("leaves nothing that keeps the process alive or still listens", async () => {
    const { onInterrupt } = await loadRuntime();
    const before = process.listenerCount("SIGINT");
    const heard: string[] = [];
    const stop = onInterrupt((signal) => heard.push(signal));
    stop();
    stop();

    assertEquals([process.listenerCount("SIGINT"), heard], [before, []]);
  });
});

if (OWN_RUNTIME === "deno") {
  describe("interrupt(), for Ctrl-C in a terminal that does not turn it into a signal", () => {
    it("calls the listeners", async () => {
      const { interrupt, onInterrupt } = await import("../doors/deno_runtime.ts");
      const heard: string[] = [];
      const stop = onInterrupt((signal) => heard.push(signal));
      interrupt();
      stop();

      assertEquals(heard, ["SIGINT"]);
    });

    it("exits like SIGINT if nobody listens", async () => {
      assertEquals((await runProgram("runtime/deno_interrupt")).code, 130);
    });
  });
}

describe("deferInterrupts()", () => {
  itWith(SIGNALS, "holds back a signal until released, and then lets it end the process", async () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const program = startProgram("runtime/interrupt", { args: ["defer"] });
      await program.waitForOutput(/ready/);
      send(program, signal);
      await settled(program);
      program.child.stdin?.write("\n");
      const ended = await program.ended;

      assertEquals([endedBy(ended), ended.stdout], [signal, ["ready", ...LINES, ""].join("\n")]);
    }
  });

  it("changes nothing if no signal came", async () => {
    const program = startProgram("runtime/interrupt", { args: ["defer"] });
    await program.waitForOutput(/ready/);
    program.child.stdin?.write("\n\n");
    const { code, stdout } = await program.ended;

    assertEquals([code, stdout], [0, "ready\nwent on\n"]);
  });

  itWith(SIGNALS, "does not hold back a second signal", async () => {
    const program = startProgram("runtime/interrupt", { args: ["defer"] });
    await program.waitForOutput(/ready/);
    // Two that come before the first was noticed count as one.
    let hasEnded = false;
    program.ended.then(() => hasEnded = true);
    for (let lines = 1; !hasEnded && lines < 100; lines++) {
      send(program, "SIGINT");
      program.child.stdin?.write(`${"x".repeat(lines)}\n`);
      await program.waitForOutput(new RegExp(`\n${"x".repeat(lines)}\n`)).catch(() => {});
    }

    assertEquals(endedBy(await program.ended), "SIGINT");
  });

  itWith(SIGNALS, "leaves the signal to our own listener", async () => {
    const program = startProgram("runtime/interrupt", { args: ["defer-listen"] });
    await program.waitForOutput(/ready/);
    send(program, "SIGINT");
    await program.waitForOutput(/heard SIGINT/);
    program.child.stdin?.write("\n\n");
    const { code, stdout } = await program.ended;

    assertEquals([code, stdout], [0, "ready\nheard SIGINT\nwent on\n"]);
  });
});
