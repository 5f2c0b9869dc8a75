import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { clerkEndpoints, clerkMetadata } from "../doors/core.ts";

describe("clerkMetadata()", () => {
  it("assumes nothing that Clerk does not state", () => {
    assertEquals(clerkMetadata("https://clerk.example.com"), {
      endpoints: clerkEndpoints("https://clerk.example.com"),
      namesItself: false,
      offersFormPost: false,
    });
  });
});
