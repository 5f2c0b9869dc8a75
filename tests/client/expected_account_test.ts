import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { refuseOther } from "../doors/client.ts";
import type { Identity } from "../doors/core.ts";
import { caught } from "../harness/caught.ts";

const ADA = { sub: "ada", org_id: "acme" } as Identity;

describe("refuseOther()", () => {
  it("accepts the expected account, in the expected organization or in any", () => {
    refuseOther({ subject: "ada", remedy: "" }, ADA);
    refuseOther({ subject: "ada", organization: "acme", remedy: "" }, ADA);
  });

  const others: [what: string, expected: { subject: string; organization?: string }][] = [
    ["account", { subject: "eve" }],
    ["account", { subject: "eve", organization: "acme" }],
    ["organization", { subject: "ada", organization: "other" }],
  ];
  for (const [what, expected] of others) {
    it(`rejects another ${what}: ${Object.values(expected)}`, async () => {
      const error = await caught(() => refuseOther({ ...expected, remedy: "What to do" }, ADA));
      assertEquals([error.code, error.message, error.action], [
        "access_denied",
        `The sign-in was for another ${what}, and was not kept`,
        "What to do",
      ]);
    });
  }

  it("rejects a user without an organization if one is expected", async () => {
    const { org_id: _, ...identity } = ADA;
    const error = await caught(() =>
      refuseOther({ subject: "ada", organization: "acme", remedy: "" }, identity as Identity)
    );
    assertEquals(error.code, "access_denied");
  });
});
