import fc from "npm:fast-check@4.10.2";
import { SealedCache } from "../../doors/server.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { demand } from "../support/promises.ts";
import { anyText, damaged } from "../support/texts.ts";

const TOKEN = "ak_0123456789";
const NOW = 1_800_000_000_000;
const OWN = "%OWN%";

let entry = "";
let failure: unknown;
const cache = new SealedCache({
  store: { get: () => entry, set: (_, value) => void (entry = value), delete: () => {} },
  secretKey: () => "sk_test_fuzz",
  context: "",
  onError: (error) => failure = error,
  timeoutMs: 60_000,
  now: () => NOW,
});
const remembered = {
  info: { subject: "user_1", type: "api_key" as const, scopes: [] },
  expiresAt: NOW + 1000,
};
let sealed: Promise<string> | undefined;

const entries = fc.oneof(
  anyText,
  damaged(fc.constant(OWN)),
  damaged(fc.constant("AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAA")),
  fc.nat(200).map((index) => `${OWN}~${index}`),
);

/** What a store returns that others can write to: what we sealed, or nothing. */
export const cacheEntry: FuzzTarget = fuzzTarget("cache_entry", entries, async (text) => {
  sealed ??= cache.set(TOKEN, remembered).then(() => entry);
  const own = await sealed;
  const [, index] = /^%OWN%~(\d+)$/.exec(text) ?? [];
  entry = index === undefined ? text.replace(OWN, own) : flipped(own, Number(index));
  const found = await cache.get(TOKEN);
  demand(failure === undefined, `a failure: ${failure}`);
  demand(!found || sameSealed(entry, own), "an entry that is not ours");
  demand(!found || JSON.stringify(found) === JSON.stringify(remembered), "another entry");
});

/** The entry with one character changed. */
function flipped(text: string, index: number): string {
  const at = index % text.length;
  return text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
}

/** The last character of base64url can have unused bits; what follows a second dot is unused, too. */
function sameSealed(text: string, own: string): boolean {
  const [iv = "", sealed = ""] = text.split(".");
  const [ownIv = "", ownSealed = ""] = own.split(".");
  return iv === ownIv && sealed.slice(0, -1) === ownSealed.slice(0, -1);
}
