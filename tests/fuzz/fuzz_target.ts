import type { Arbitrary } from "npm:fast-check@4.10.2";

/** Something that reads what others have written, and what must hold whatever that is. */
export interface FuzzTarget {
  name: string;
  /** What it may be given; always something that JSON can hold, so that it can be kept as a regression case. */
  inputs: Arbitrary<unknown>;
  /** Throws where a promise is broken. */
  check(input: unknown): void | Promise<void>;
}

/** Makes a target; its input is typed as its arbitrary says. */
export function fuzzTarget<Input>(
  name: string,
  inputs: Arbitrary<Input>,
  check: (input: Input) => void | Promise<void>,
): FuzzTarget {
  return { name, inputs, check: (input) => check(input as Input) };
}
