import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { formatClaim, parseClaim } from "../doors/storage.ts";

describe("parseClaim()", () => {
  it("reads what formatClaim() writes, whatever the counter", () => {
    for (const host of ["here", null]) {
      const claim = { port: 1024, nonce: "nonce", host };
      assertEquals(parseClaim(formatClaim(claim)), claim);
      assertEquals(parseClaim(formatClaim(claim, 7)), claim);
    }
  });

  it("differs by the counter, so that others see that it goes on", () => {
    const claim = { port: 1024, nonce: "nonce", host: null };
    assertEquals(formatClaim(claim), formatClaim(claim, 0));
    assertEquals(formatClaim(claim, 1) === formatClaim(claim, 2), false);
  });

  it("takes nothing for a claim that is not written to its end", () => {
    const text = formatClaim({ port: 1024, nonce: "nonce", host: "here" });
    for (let length = 0; length < text.length; length++) {
      assertEquals(parseClaim(text.slice(0, length)), undefined);
    }
    for (
      const other of ['{"port":1024}', '{"nonce":"a"}', '{"port":"1","nonce":"a"}', '{"port":1,"nonce":2}']
    ) {
      assertEquals(parseClaim(other), undefined);
    }
  });

  it("knows no host where none is named", () => {
    assertEquals(parseClaim('{"port":1,"nonce":"a","host":7}'), { port: 1, nonce: "a", host: null });
  });
});
