import fc from "npm:fast-check@4.10.2";
import {
  formatCredentialFile,
  formatSealedContent,
  parseClaim,
  parseCredentialFile,
  parseSealedContent,
} from "../../doors/storage.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { objectText } from "../support/json_texts.ts";
import { demand } from "../support/promises.ts";

const texts = objectText({
  version: fc.constantFrom(1, 2, "1"),
  entries: fc.constantFrom({ tokens: "{}" }, { tokens: 7 }, [], { __proto__: "x" }),
  retired: fc.constantFrom(["sealed"], [], [7]),
  keyId: fc.constantFrom("key", 7),
  issuer: fc.constantFrom("https://clerk.example.com", null),
  clientId: fc.constantFrom("client"),
  environment: fc.constantFrom("default"),
  profile: fc.constantFrom("work", null),
  port: fc.constantFrom(4711, "4711"),
  nonce: fc.constantFrom("nonce", 7),
});

/** The files of credentials and locks: what is read can be written and read again, or is rejected entirely. */
export const credentialFile: FuzzTarget = fuzzTarget("credential_file", texts, (text) => {
  const plain = parseCredentialFile(text);
  if (plain) {
    const again = parseCredentialFile(formatCredentialFile(plain));
    demand(areSame(plain, again), "other entries");
  }
  const sealed = parseSealedContent(text);
  if (sealed) {
    const again = parseSealedContent(formatSealedContent(sealed));
    demand(areSame(sealed.entries, again?.entries), "other sealed entries");
    demand(sealed.retired.join() === again?.retired.join(), "others retired");
    demand(JSON.stringify(sealed.scope) === JSON.stringify(again?.scope), "another scope");
  }
  const claim = parseClaim(text);
  demand(!claim || typeof claim.port === "number" && typeof claim.nonce === "string", "half a claim");
});

function areSame(first: Map<string, string>, second: Map<string, string> | undefined): boolean {
  return JSON.stringify([...first].sort()) === JSON.stringify([...second ?? []].sort());
}
