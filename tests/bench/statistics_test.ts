import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { estimate, median, pairedRatio, quantile } from "../../bench/statistics.ts";

const samples = (...values: (number | undefined)[]) =>
  values.map((value) => value === undefined ? undefined : { value });

describe("median()", () => {
  it("is the middle of an odd number of values, whatever their order", () =>
    assertEquals(median([9, 1, 5]), 5));
  it("is the mean of the middle two of an even number", () => assertEquals(median([10, 1, 4, 2]), 3));
  it("rejects an empty list", () => void assertThrows(() => median([]), TypeError));
});

describe("quantile()", () => {
  it("is the smallest and the largest value at the ends", () => {
    assertEquals([quantile([3, 1, 2], 0), quantile([3, 1, 2], 1)], [1, 3]);
  });
  it("interpolates between two values", () => assertEquals(quantile([0, 10], 0.25), 2.5));
});

describe("estimate()", () => {
  it("considers all of a few values possible", () => {
    assertEquals(estimate([5, 1, 3, 2, 4]), { median: 3, low: 1, high: 5 });
  });

  it("gets narrower with more values", () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    assertEquals(estimate(values), { median: 50.5, low: 41, high: 60 });
  });

  it("is not affected by a few outliers", () => {
    const values = Array.from({ length: 97 }, () => 1);
    assertEquals(estimate([...values, 1000, 2000, 3000]), { median: 1, low: 1, high: 1 });
  });
});

describe("pairedRatio()", () => {
  it("is not affected by a round that was slow for both", () => {
    assertEquals(pairedRatio(samples(2, 200, 2), samples(1, 100, 1)), { median: 2, low: 2, high: 2 });
  });

  it("compares the rounds that both took part in", () => {
    const ratio = pairedRatio(samples(2, 200, 6, 7), samples(1, undefined, 3, undefined));
    assertEquals(ratio, { median: 2, low: 2, high: 2 });
  });

  it("leaves out rounds in which only one was measured", () => {
    assertEquals(pairedRatio(samples(2, 5, 6), samples(1, 0, 3)), { median: 2, low: 2, high: 2 });
  });
});
