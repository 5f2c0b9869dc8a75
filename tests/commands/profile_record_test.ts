import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { formatProfile, parseProfileRecord } from "../doors/commands.ts";

const RECORD = {
  name: "work",
  issuer: "https://clerk.example.com",
  clientId: "client",
  account: {
    subject: "user_1",
    kind: "user",
    name: "Ada",
    email: "ada@example.com",
    organization: { id: "org_1" },
  },
} as const;

describe("the text of a profile file", () => {
  it("is read as it was written", () => {
    assertEquals(parseProfileRecord(formatProfile(RECORD)), RECORD);
  });

  const { account } = RECORD;
  const corrupt: Record<string, unknown> = {
    "another version": { version: 2 },
    "no name": { name: undefined },
    "an issuer that is no text": { issuer: 7 },
    "no account": { account: undefined },
    "an account that is none": { account: null },
    "an account that is a text": { account: "user_1" },
    "an empty subject": { account: { ...account, subject: "" } },
    "a kind that is not known": { account: { ...account, kind: "robot" } },
    "an email that is no text": { account: { ...account, email: ["ada@example.com"] } },
    "an organization that is none": { account: { ...account, organization: null } },
    "an organization without an id": { account: { ...account, organization: { name: "Engines" } } },
    "an organization whose name is no text": {
      account: { ...account, organization: { id: "org_1", name: {} } },
    },
  };
  for (const [what, members] of Object.entries(corrupt)) {
    it(`with ${what} is corrupt`, () => {
      const text = JSON.stringify({ ...JSON.parse(formatProfile(RECORD)), ...members as object });
      assertEquals(parseProfileRecord(text), undefined);
    });
  }

  it("that is not JSON, or not an object, is corrupt", () => {
    assertEquals(["{ torn", "[]", "7", ""].map(parseProfileRecord), [
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
