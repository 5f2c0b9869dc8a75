/** The assertions of `@std/assert` that the tests use, from the npm registry, with types. */
import * as std from "npm:deno-std@1.4.0/assert/mod.js";

// deno-lint-ignore no-explicit-any -- the type of a class that can be constructed with any arguments
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** Throws unless a condition holds. */
export const assert: (condition: unknown, message?: string) => asserts condition = std.assert;
/** Throws if a condition holds. */
export const assertFalse: (condition: unknown, message?: string) => asserts condition is
  | false
  | 0
  | 0n
  | ""
  | null
  | undefined = std.assertFalse;
/** Throws unless two values are deeply equal. */
export const assertEquals: <T>(actual: T, expected: T, message?: string) => void = std.assertEquals;
/** Throws if two values are deeply equal. */
export const assertNotEquals: <T>(actual: T, expected: T, message?: string) => void = std.assertNotEquals;
/** Throws unless two values are the same by `Object.is`. */
export const assertStrictEquals: <T>(actual: unknown, expected: T, message?: string) => asserts actual is T =
  std.assertStrictEquals;
/** Throws if two values are the same by `Object.is`. */
export const assertNotStrictEquals: <T>(actual: T, expected: T, message?: string) => void =
  std.assertNotStrictEquals;
/** Throws unless `actual > expected`. */
export const assertGreater: <T>(actual: T, expected: T, message?: string) => void = std.assertGreater;
/** Throws unless `actual < expected`. */
export const assertLess: <T>(actual: T, expected: T, message?: string) => void = std.assertLess;
/** Throws unless `actual <= expected`. */
export const assertLessOrEqual: <T>(actual: T, expected: T, message?: string) => void = std.assertLessOrEqual;
/** Throws unless a string contains another. */
export const assertStringIncludes: (actual: string, expected: string, message?: string) => void =
  std.assertStringIncludes;
/** Throws unless a string matches a pattern. */
export const assertMatch: (actual: string, expected: RegExp, message?: string) => void = std.assertMatch;
/** Throws if a string matches a pattern. */
export const assertNotMatch: (actual: string, expected: RegExp, message?: string) => void =
  std.assertNotMatch;
/** Fails. */
export const fail: (message?: string) => never = std.fail;

/** Throws unless a function throws; returns what it threw. */
export const assertThrows: {
  (task: () => unknown, message?: string): unknown;
  <E extends Error>(
    task: () => unknown,
    expected: ErrorClass<E>,
    included?: string,
    message?: string,
  ): E;
} = std.assertThrows;

/** Rejects unless a promise rejects; resolves to what it rejected with. */
export const assertRejects: {
  (task: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
  <E extends Error>(
    task: () => PromiseLike<unknown>,
    expected: ErrorClass<E>,
    included?: string,
    message?: string,
  ): Promise<E>;
} = std.assertRejects;
