import type { Arbitrary } from "npm:fast-check@4.10.2";

/** Something that reads untrusted input, and what must always hold. */
export interface FuzzTarget {
  name: string;
  /** Its inputs; always valid JSON values, so that they can be kept as regression cases. */
  inputs: Arbitrary<unknown>;
  /** Throws if a promise is broken. */
  check(input: unknown): void | Promise<void>;
}

/** Creates a target whose input has the type of its arbitrary. */
export function fuzzTarget<Input>(
  name: string,
  inputs: Arbitrary<Input>,
  check: (input: Input) => void | Promise<void>,
): FuzzTarget {
  return { name, inputs, check: (input) => check(input as Input) };
}
