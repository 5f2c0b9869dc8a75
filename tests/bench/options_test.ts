import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readOptions } from "../../bench/options.ts";

describe("readOptions()", () => {
  it("measures every topic at length by default", () => {
    assertEquals(readOptions([]), {
      isQuick: false,
      topics: [],
      compareWith: undefined,
      build: true,
      intoDocument: false,
    });
  });

  it("reads each option, also behind the two dashes of a task", () => {
    assertEquals(
      readOptions([
        "--",
        "--quick",
        "--topic",
        "token",
        "--topic",
        "lock",
        "--compare",
        "a.json",
        "--no-build",
        "--document",
      ]),
      { isQuick: true, topics: ["token", "lock"], compareWith: "a.json", build: false, intoDocument: true },
    );
  });

  it("refuses what it does not know", () => void assertThrows(() => readOptions(["--fast"]), TypeError));
});
