import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isFresh, isValid } from "../doors/client.ts";

const NOW = 1_000_000;
const OPTIONS = { now: NOW, minValidityMs: 30_000 };

describe("isValid()", () => {
  it("ends at the moment of expiry", () => {
    assertEquals([NOW + 1, NOW, NOW - 1].map((expiresAt) => isValid({ accessToken: "a", expiresAt }, NOW)), [
      true,
      false,
      false,
    ]);
    assertEquals(isValid({ accessToken: "a" }, NOW), true);
  });
});

describe("isFresh()", () => {
  const fresh = (expiresAt: number, savedAt?: number) =>
    isFresh(
      { kind: "live", tokens: { accessToken: "a", expiresAt }, ...(savedAt !== undefined && { savedAt }) },
      OPTIONS,
    );

  it("is true for what stays valid as long as requested", () => {
    assertEquals([fresh(NOW + 30_001), fresh(NOW + 30_000)], [true, false]);
  });

  it("trusts no clock that was set back by a minute or more since the tokens were saved", () => {
    const later = NOW + 100_000;
    assertEquals([fresh(later, NOW + 59_999), fresh(later, NOW + 60_000)], [true, false]);
  });
});
