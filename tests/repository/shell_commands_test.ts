import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { denoArguments, shellCommandsIn, taskOf } from "./shell_commands.ts";

describe("shellCommandsIn()", () => {
  it("joins continued lines, and leaves out comments, variables and empty lines", () => {
    assertEquals(shellCommandsIn("# why\nA=1 deno run \\\n  -A a.ts    # now\n\nls | wc -l && true\n"), [
      { program: "deno", args: ["run", "-A", "a.ts"] },
      { program: "ls", args: [] },
      { program: "wc", args: ["-l"] },
      { program: "true", args: [] },
    ]);
  });
});

describe("taskOf()", () => {
  for (
    const [line, task] of [
      ["deno task check", "check"],
      ["npx -y deno task test tests/core", "test"],
      ["deno run task.ts", undefined],
      ["npm run task", undefined],
    ] as const
  ) {
    it(`finds ${task ?? "none"} in '${line}'`, () => assertEquals(shellCommandsIn(line).map(taskOf), [task]));
  }
});

describe("denoArguments()", () => {
  it("returns the arguments of Deno, however it is started", () => {
    const lines = "deno run a.ts\nnpx -y deno run a.ts\nnode a.js";
    assertEquals(shellCommandsIn(lines).map(denoArguments), [["run", "a.ts"], ["run", "a.ts"], undefined]);
  });
});
