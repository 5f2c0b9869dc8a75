import fc from "npm:fast-check@4.10.2";
import { cleanCause, printable, withoutSecrets } from "../../doors/core.ts";
import { type FuzzTarget, fuzzTarget } from "../fuzz_target.ts";
import { demand } from "../support/promises.ts";
import { anyText } from "../support/texts.ts";

const SPELLINGS: Record<string, (secret: string) => string> = {
  asItIs: (secret) => secret,
  component: encodeURIComponent,
  form: (secret) => new URLSearchParams({ "": secret }).toString().slice(1),
  json: (secret) => JSON.stringify(secret).slice(1, -1),
};

const cases = fc.record({
  secret: fc.string({ unit: "grapheme-ascii", minLength: 8, maxLength: 40 }),
  spelling: fc.constantFrom(...Object.keys(SPELLINGS)),
  before: anyText,
  after: anyText,
});

/** Text that repeats a secret: none of the secret remains, and the rest fits on one line. */
export const redaction: FuzzTarget = fuzzTarget(
  "redaction",
  cases,
  ({ secret: given, spelling, before, after }) => {
    const secret = given.toWellFormed();
    if (secret.length < 8) return; // No secret is so short; a part of a word may be.
    const spelled = (SPELLINGS[spelling] ?? encodeURIComponent)(secret);
    const text = `${before}${spelled}${after}`;
    for (const clean of [withoutSecrets(text, [secret]), String(cleanCause(text, [secret]))]) {
      demand(!clean.includes(spelled) || "[redacted]".includes(spelled), "the secret is still there");
    }
    const line = printable(text, 80);
    demand(line.length <= 80 && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(line), "more than one line");
  },
);
