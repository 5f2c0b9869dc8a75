import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  createSealingKey,
  entryContext,
  formatSealedContent,
  parseSealedContent,
  seal,
  type SealedContent,
} from "../doors/storage.ts";

const CONTENT: SealedContent = {
  scope: { issuer: "https://issuer.example", clientId: "client", environment: "default", profile: "work" },
  keyId: "0123456789abcdef",
  entries: new Map([["tokens", "sealed"]]),
  retired: ["sealed before"],
};

describe("parseSealedContent()", () => {
  it("reads what formatSealedContent() writes, with a profile or without", () => {
    for (const profile of ["work", undefined]) {
      const content = { ...CONTENT, scope: { ...CONTENT.scope, profile } };
      assertEquals(parseSealedContent(formatSealedContent(content)), content);
    }
  });

  const members = ["version", "keyId", "issuer", "clientId", "environment", "entries"];
  for (const member of members) {
    it(`rejects a file whose ${member} is missing or something else`, () => {
      const file = JSON.parse(formatSealedContent(CONTENT));
      for (const value of [undefined, null, 7, [], {}]) {
        if (member === "entries" && JSON.stringify(value) === "{}") continue;
        assertEquals(parseSealedContent(JSON.stringify({ ...file, [member]: value })), undefined);
      }
    });
  }

  it("rejects a file whose profile is not text", () => {
    const file = JSON.parse(formatSealedContent(CONTENT));
    for (const profile of [null, 7, {}]) {
      assertEquals(parseSealedContent(JSON.stringify({ ...file, profile })), undefined);
    }
  });
});

describe("entryContext()", () => {
  it("differs by everything that an entry belongs to", () => {
    const { scope } = CONTENT;
    const changes = [
      {},
      { scope: { ...scope, issuer: "https://other.example" } },
      { scope: { ...scope, clientId: "other" } },
      { scope: { ...scope, environment: "other" } },
      { scope: { ...scope, profile: "other" } },
      { scope: { ...scope, profile: undefined } },
      { keyId: "fedcba9876543210" },
    ];
    const contexts = changes.map((change) => entryContext({ ...CONTENT, ...change }, "tokens"));
    const texts = [...contexts, entryContext(CONTENT, "other")].map((context) => JSON.stringify(context));
    assertEquals(new Set(texts).size, texts.length);
  });
});

describe("a sealing key", () => {
  it("cannot be exported from the runtime", async () => {
    const key = await createSealingKey();
    assertEquals([key.crypto.extractable, key.bytes.length], [false, 32]);
  });

  it("seals with a 96-bit random nonce and a 128-bit tag", async () => {
    const key = await createSealingKey();
    const sealed = await seal("text", key.crypto, "");
    assertEquals(sealed.split(".").map((part) => part.length), [16, 27]);
  });
});
