import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { clerkEndpoints, clerkMetadata } from "../doors/core.ts";

describe("clerkMetadata()", () => {
  it("takes nothing for granted that Clerk does not say", () => {
    assertEquals(clerkMetadata("https://clerk.example.com"), {
      endpoints: clerkEndpoints("https://clerk.example.com"),
      namesItself: false,
      offersFormPost: false,
    });
  });
});
