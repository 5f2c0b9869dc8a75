import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type Identity,
  isMachineIdentity,
  isOrgIdentity,
  isScimIdentity,
  isUserIdentity,
  type MachineIdentity,
  type OrgIdentity,
  type ScimIdentity,
  type UserIdentity,
} from "@clerk/cli-auth";

const GUARDS = { isUserIdentity, isOrgIdentity, isMachineIdentity, isScimIdentity };

describe("the identity guards", () => {
  const kinds: Record<string, string[]> = {
    user_2abc: ["isUserIdentity"],
    org_2abc: ["isOrgIdentity"],
    mch_2abc: ["isMachineIdentity"],
    scim_2abc: ["isScimIdentity"],
    user: [],
    "USER_2abc": [],
    "xuser_2abc": [],
    "": [],
  };
  for (const [sub, expected] of Object.entries(kinds)) {
    it(`recognize "${sub}" by its prefix`, () => {
      const matching = Object.entries(GUARDS).filter(([, guard]) => guard({ sub })).map(([name]) => name);
      assertEquals(matching, expected);
    });
  }

  it("narrow the type in any order, and never to nothing", () => {
    assertEquals(["user_1", "org_1", "mch_1", "scim_1", "x"].map((sub) => describeIdentity({ sub })), [
      "user undefined",
      "organization undefined",
      "machine undefined",
      "scim undefined",
      "unknown x",
    ]);
    assertEquals(describeInReverse({ sub: "user_1", email: "ada@example.com" }), "user ada@example.com");
  });
});

/** The test is that these two compile: each branch uses a field of its kind, and `sub` always exists. */
function describeIdentity(identity: Identity): string {
  if (isUserIdentity(identity)) return `user ${identity.email satisfies UserIdentity["email"]}`;
  if (isOrgIdentity(identity)) return `organization ${identity.org_slug satisfies OrgIdentity["org_slug"]}`;
  if (isMachineIdentity(identity)) return `machine ${identity.name satisfies MachineIdentity["name"]}`;
  if (isScimIdentity(identity)) return `scim ${identity.claims satisfies ScimIdentity["claims"]}`;
  return `unknown ${identity.sub}`;
}

function describeInReverse(identity: Identity): string {
  if (isScimIdentity(identity)) return `scim ${identity.claims}`;
  if (isMachineIdentity(identity)) return `machine ${identity.name satisfies string | undefined}`;
  if (isOrgIdentity(identity)) return `organization ${identity.org_slug satisfies string | undefined}`;
  if (isUserIdentity(identity)) return `user ${identity.email satisfies string | undefined}`;
  return `unknown ${identity.sub}`;
}
