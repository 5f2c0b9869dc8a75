import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { usesColor } from "../doors/core.ts";

describe("usesColor() is", () => {
  const cases: [expected: boolean, isTerminal: boolean, env: Record<string, string>][] = [
    [true, true, {}],
    [false, false, {}],
    [false, true, { NO_COLOR: "1" }],
    [false, true, { TERM: "dumb" }],
    [true, false, { FORCE_COLOR: "1" }],
    [true, true, { FORCE_COLOR: "3", NO_COLOR: "1" }],
    [false, true, { FORCE_COLOR: "0" }],
    [false, true, { FORCE_COLOR: "false" }],
  ];
  for (const [expected, isTerminal, env] of cases) {
    it(`${expected} ${isTerminal ? "on a terminal" : "elsewhere"} with ${JSON.stringify(env)}`, () => {
      assertEquals(usesColor((name) => env[name], isTerminal), expected);
    });
  }
});
