import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parseClaim } from "../doors/storage.ts";

describe("parseClaim()", () => {
  it("reads a claim, whatever its host", () => {
    for (const host of ["here", null]) {
      const claim = { port: 1024, nonce: "nonce", host };
      assertEquals(parseClaim(JSON.stringify(claim)), claim);
    }
  });

  it("ignores a half-written claim", () => {
    const text = JSON.stringify({ port: 1024, nonce: "nonce", host: "here" });
    for (let length = 0; length < text.length; length++) {
      assertEquals(parseClaim(text.slice(0, length)), undefined);
    }
    for (
      const other of ['{"port":1024}', '{"nonce":"a"}', '{"port":"1","nonce":"a"}', '{"port":1,"nonce":2}']
    ) {
      assertEquals(parseClaim(other), undefined);
    }
  });

  it("knows no host if none is named", () => {
    assertEquals(parseClaim('{"port":1,"nonce":"a","host":7}'), { port: 1, nonce: "a", host: null });
  });
});
