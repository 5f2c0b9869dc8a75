import { type ErrorCode, isClerkCliAuthError } from "../../doors/core.ts";

/** Reports a broken promise. */
export function broken(what: string): never {
  throw new Error(`broken: ${what}`);
}

/** Throws unless something holds. */
export function demand(condition: unknown, what: string): asserts condition {
  if (!condition) broken(what);
}

/** Runs a task that may only fail with one of our errors with one of these codes. */
export function orRefused<T>(codes: readonly ErrorCode[], task: () => T): T | undefined {
  try {
    return task();
  } catch (error) {
    assertRefusal(codes, error);
    return undefined;
  }
}

/** The same for an asynchronous task. */
export async function orRefusedLater<T>(
  codes: readonly ErrorCode[],
  task: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await task();
  } catch (error) {
    assertRefusal(codes, error);
    return undefined;
  }
}

function assertRefusal(codes: readonly ErrorCode[], error: unknown): void {
  if (!isClerkCliAuthError(error)) throw error;
  demand(codes.includes(error.code), `the code ${error.code}`);
  // deno-lint-ignore no-control-regex -- control characters are what must not be there
  demand(!/[\u0000-\u001f\u007f-\u009f]/.test(error.message), "control characters in a message");
  assertSilent(saidBy(error));
}

/** Markers for everything that must stay secret. */
export const SECRETS = {
  accessToken: "oat_FUZZaccess0123456789+/=~x",
  refreshToken: 'rt-FUZZrefresh~0123456789!y z"\\ü',
  code: "FUZZcode%2B0123456789/abc",
} as const;

const MARKER = /FUZZ(access|refresh|code)/i;

/** Whether a text contains part of a secret that was cut, which redaction could not recognize. */
export function hasTornSecret(text: string): boolean {
  const spellings = Object.values(SECRETS).flatMap((secret) => {
    const json = JSON.stringify(secret).slice(1, -1);
    return [json, secret, encodeURIComponent(secret)];
  });
  return MARKER.test(spellings.reduce((rest, spelling) => rest.replaceAll(spelling, ""), text));
}

/** Throws if a text contains any of the secrets, whole or in part. */
export function assertSilent(text: string): void {
  demand(!MARKER.test(text), "a secret came out");
}

function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, stack, cause } = error;
  return [message, stack, JSON.stringify(error), cause === undefined ? "" : saidBy(cause)].join("\n");
}
