import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { wellKnownUrl } from "../doors/core.ts";

describe("wellKnownUrl() puts the well-known path before the URL's own", () => {
  const addresses: Record<string, string> = {
    "https://clerk.example.com": "https://clerk.example.com/.well-known/name",
    "https://clerk.example.com/": "https://clerk.example.com/.well-known/name",
    "https://clerk.example.com/tenant": "https://clerk.example.com/.well-known/name/tenant",
    "http://127.0.0.1:8787/a/b": "http://127.0.0.1:8787/.well-known/name/a/b",
    "https://api.example.com/me?v=1": "https://api.example.com/.well-known/name/me?v=1",
  };
  for (const [address, expected] of Object.entries(addresses)) {
    it(`of ${address}`, () => assertEquals(wellKnownUrl(new URL(address), "name"), expected));
  }
});
