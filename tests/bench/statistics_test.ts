import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { median, pairedRatio, quantile } from "../../bench/report/statistics.ts";

describe("median()", () => {
  it("is the middle of an odd number of values, whatever their order", () =>
    assertEquals(median([9, 1, 5]), 5));
  it("is the mean of the two in the middle of an even number", () => assertEquals(median([10, 1, 4, 2]), 3));
  it("passes over rounds that were sat out", () => assertEquals(median([null, 3, null, 1, 2]), 2));
  it("refuses to answer for no values", () => void assertThrows(() => median([null]), TypeError));
});

describe("quantile()", () => {
  it("is the least and the greatest value at the ends", () => {
    assertEquals([quantile([3, 1, 2], 0), quantile([3, 1, 2], 1)], [1, 3]);
  });
  it("lies between two values in proportion", () => assertAlmostEquals(quantile([0, 10], 0.25), 2.5));
});

describe("pairedRatio()", () => {
  it("is not misled by a round that was slow for both", () =>
    assertEquals(pairedRatio([2, 200, 2], [1, 100, 1]), 2));
  it("compares the rounds that both took part in", () =>
    assertEquals(pairedRatio([2, 200, 6, 7], [1, null, 3, null]), 2));
  it("takes the medians where the rounds are not the same", () =>
    assertEquals(pairedRatio([6], [1, 2, 3]), 3));
});
