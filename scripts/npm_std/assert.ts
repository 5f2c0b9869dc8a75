/** The assertions of `@std/assert` that the tests use, from the npm registry, with types. */
import * as std from "npm:deno-std@1.4.0/assert/mod.js";

// deno-lint-ignore no-explicit-any -- the type of a class that can be constructed with any arguments
type Constructor<T = unknown> = abstract new (...args: any[]) => T;
type ErrorClass<E extends Error> = Constructor<E>;

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
/** Throws unless a number is within a tolerance of another. */
export const assertAlmostEquals: (
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
) => void = std.assertAlmostEquals;
/** Throws if a value is `null` or `undefined`. */
export const assertExists: <T>(actual: T, message?: string) => asserts actual is NonNullable<T> =
  std.assertExists;
/** Throws unless `actual > expected`. */
export const assertGreater: <T>(actual: T, expected: T, message?: string) => void = std.assertGreater;
/** Throws unless `actual >= expected`. */
export const assertGreaterOrEqual: <T>(actual: T, expected: T, message?: string) => void =
  std.assertGreaterOrEqual;
/** Throws unless `actual < expected`. */
export const assertLess: <T>(actual: T, expected: T, message?: string) => void = std.assertLess;
/** Throws unless `actual <= expected`. */
export const assertLessOrEqual: <T>(actual: T, expected: T, message?: string) => void = std.assertLessOrEqual;
/** Throws unless an array holds every expected element. */
export const assertArrayIncludes: <T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  message?: string,
) => void = std.assertArrayIncludes;
/** Throws unless a text holds another. */
export const assertStringIncludes: (actual: string, expected: string, message?: string) => void =
  std.assertStringIncludes;
/** Throws unless a text matches a pattern. */
export const assertMatch: (actual: string, expected: RegExp, message?: string) => void = std.assertMatch;
/** Throws if a text matches a pattern. */
export const assertNotMatch: (actual: string, expected: RegExp, message?: string) => void =
  std.assertNotMatch;
/** Throws unless an object holds at least the expected fields. */
export const assertObjectMatch: (
  actual: object,
  expected: Record<PropertyKey, unknown>,
  message?: string,
) => void = std.assertObjectMatch;
/** Throws unless a value is an instance of a class. */
export const assertInstanceOf: <T>(
  actual: unknown,
  expected: Constructor<T>,
  message?: string,
) => asserts actual is T = std.assertInstanceOf;
/** Throws unless a value is an error of the class, with a message that holds the text or matches the pattern. */
export const assertIsError: <E extends Error = Error>(
  error: unknown,
  expected?: ErrorClass<E>,
  included?: string | RegExp,
  message?: string,
) => asserts error is E = std.assertIsError;
/** Fails. */
export const fail: (message?: string) => never = std.fail;
/** Fails where a line must never be reached. */
export const unreachable: (reason?: string) => never = std.unreachable;
/** What every failed assertion throws. */
export const AssertionError: new (message: string, options?: ErrorOptions) => Error = std.AssertionError;

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
