import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { median } from "../../bench/median.ts";

describe("median()", () => {
  it("is the middle of an odd number of values, whatever their order", () =>
    assertEquals(median([9, 1, 5]), 5));
  it("is the mean of the two in the middle of an even number", () => assertEquals(median([10, 1, 4, 2]), 3));
  it("refuses to answer for no values", () => void assertThrows(() => median([]), TypeError));
});
