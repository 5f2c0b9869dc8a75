import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { timeText } from "../doors/commands.ts";

describe("timeText()", () => {
  const times: [ms: number, text: string][] = [
    [3 * 86_400_000, "in 3 days"],
    [23.9 * 3_600_000, "in 23 hours"],
    [90_000, "in 1 minute"],
    [1_000, "in 1 second"],
    [999, "in 0 seconds"],
    [-5 * 60_000, "5 minutes ago"],
    [-2 * 86_400_000, "2 days ago"],
  ];
  for (const [ms, text] of times) {
    it(`says "${text}" for ${ms} ms from now`, () => assertEquals(timeText(ms + 1000, 1000), text));
  }
});
