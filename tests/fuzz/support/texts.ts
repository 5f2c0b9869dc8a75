import fc, { type Arbitrary } from "npm:fast-check@4.10.2";

/** Characters that parsers stumble over. */
const AWKWARD = [
  ..."\0\t\r\n\u001b\u007f\u0085\u00a0\u200b\u2028\u202e\ufeff\ufffd\ud800\udc00",
  ...`"'\\/<>&%+=#?;:,.@[]{}()|~*`,
];

const character: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 1 }) },
  { weight: 2, arbitrary: fc.constantFrom(...AWKWARD) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
);

/** All kinds of text: short, long, empty, one character repeated. */
export const anyText: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: character, maxLength: 60 }) },
  { weight: 1, arbitrary: fc.tuple(character, fc.nat(5_000)).map(([unit, count]) => unit.repeat(count)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.string({ unit: character, maxLength: 4 }), fc.nat(2_000))
      .map(([unit, count]) => unit.repeat(count)),
  },
);

/** Text assembled from meaningful pieces with others in between. */
export function textOf(...pieces: string[]): Arbitrary<string> {
  const part = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...pieces) }, {
    weight: 1,
    arbitrary: fc.string({ unit: character, maxLength: 8 }),
  });
  return fc.array(part, { maxLength: 14 }).map((parts) => parts.join(""));
}

/** A valid text with a few changes. */
export function damaged(good: Arbitrary<string>): Arbitrary<string> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.nat(3),
    insert: fc.string({ unit: character, maxLength: 3 }),
  });
  return fc.tuple(good, fc.array(change, { maxLength: 3 })).map(([text, changes]) =>
    changes.reduce((rest, { at, drop, insert }) => {
      const index = Math.floor(at * rest.length);
      return rest.slice(0, index) + insert + rest.slice(index + drop);
    }, text)
  );
}
