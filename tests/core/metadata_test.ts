import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { clerkEndpoints } from "../../src/core/issuer.ts";
import { clerkMetadata } from "../../src/core/metadata.ts";

describe("clerkMetadata()", () => {
  it("takes nothing for granted that Clerk does not say", () => {
    assertEquals(clerkMetadata("https://clerk.example.com"), {
      endpoints: clerkEndpoints("https://clerk.example.com"),
      namesItself: false,
      offersFormPost: false,
    });
  });
});
