import fc, { type Arbitrary } from "npm:fast-check@4.10.2";
import { anyText, damaged } from "./texts.ts";

const NUMBERS = ["1e400", "-1e400", "-0", "9007199254740993", "1e-400", "8.64e15", "0.1"];

/** Any value, as JSON text. */
const anyValue: Arbitrary<string> = fc.oneof(
  fc.json({ maxDepth: 2 }),
  fc.constantFrom(...NUMBERS, "null", "[]", "{}", '""', "true"),
  anyText.map((text) => JSON.stringify(text)),
  fc.nat(2_000).map((depth) => "[".repeat(depth) + "]".repeat(depth)),
);

/**
 * The text of a JSON object with these members, whose values are good, strange or missing; damaged at times.
 *
 * @param members Arbitraries of good values by the names of the members.
 */
export function objectText(members: Record<string, Arbitrary<unknown>>): Arbitrary<string> {
  const named = Object.entries(members).map(([name, good]) =>
    fc.oneof(
      { weight: 6, arbitrary: good.map((value) => JSON.stringify(value) ?? "null") },
      { weight: 2, arbitrary: anyValue },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ).map((value) => value === undefined ? [] : [`${JSON.stringify(name)}:${value}`])
  );
  const strange = fc.array(
    fc.tuple(
      fc.constantFrom("__proto__", "constructor", "toString", "", "error", ...Object.keys(members)),
      anyValue,
    )
      .map(([name, value]) => `${JSON.stringify(name)}:${value}`),
    { maxLength: 2 },
  );
  const whole = fc.tuple(fc.tuple(...named), strange).map(([known, others]) =>
    `{${[...known.flat(), ...others].join(",")}}`
  );
  return fc.oneof(
    { weight: 7, arbitrary: whole },
    { weight: 2, arbitrary: damaged(whole) },
    { weight: 1, arbitrary: fc.oneof(anyValue, anyText) },
  );
}
