import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runProgram } from "../harness/program.ts";

describe("exit()", () => {
  it("ends the process with its code, and args() returns the arguments as typed", async () => {
    const args = ["7", "--flag=a b", "", "*"];
    const { code, stdout } = await runProgram("runtime/exit", { args });

    assertEquals([code, JSON.parse(stdout)], [7, args]);
  });
});
