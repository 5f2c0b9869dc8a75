import type { TokenSet } from "./tokens.ts";

type Cleaner = (text: string) => string;

/** A line of a stack trace that names a place in the code. */
const FRAME = /^\s+at .*:\d+:\d+\)?$/;

/**
 * Makes a foreign error safe to use as a `cause`. Returns it unchanged if a log of it would show no secret,
 * otherwise a redacted copy.
 *
 * @param secrets The secrets to look for. Anything that looks like a token is redacted, too.
 */
export function cleanCause(cause: unknown, secrets: readonly string[]): unknown {
  const clean: Cleaner = (text) =>
    withoutSecrets(text, secrets).split("\n")
      .map((line) => FRAME.test(line) ? line : withoutTokens(line)).join("\n");
  return isClean(cause, clean, new Set()) ? cause : cleanCopy(cause, clean, new Set());
}

/** Reports whether nothing in a value needs redacting. Objects that may hide something are not clean. */
function isClean(value: unknown, clean: Cleaner, seen: Set<unknown>): boolean {
  if (typeof value === "string") return clean(value) === value;
  if (typeof value !== "object" || value === null || seen.has(value)) return true;
  seen.add(value);
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain && !(value instanceof Error)) return false;
  try {
    return members(value).every((member) => isClean(member, clean, seen));
  } catch {
    return false; // A getter threw.
  }
}

function members(value: object): unknown[] {
  const own = Reflect.ownKeys(value).flatMap((key) => [key, Reflect.get(value, key)]);
  return value instanceof Error ? [value.name, value.message, value.stack, ...own] : own;
}

/** Copies an error without its extra properties. */
function cleanCopy(cause: unknown, clean: Cleaner, seen: Set<unknown>): unknown {
  if (typeof cause === "string") return clean(cause);
  if (!(cause instanceof Error) || seen.has(cause)) return undefined;
  seen.add(cause);
  const { name, message, stack = "", cause: inner } = cause;
  const code = "code" in cause ? cause.code : undefined;
  const copy = new Error(clean(message));
  return Object.defineProperties(copy, {
    name: { value: clean(name) },
    stack: { value: clean(stack) },
    ...(inner !== undefined && { cause: { value: cleanCopy(inner, clean, seen) } }),
    ...(typeof code === "string" && { code: { value: clean(code) } }),
  });
}

/** Redacts secrets in untrusted text, even if form-encoded, percent-encoded or JSON-escaped. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.filter(Boolean).flatMap(spellings)
    .reduce((rest, spelling) => rest.replaceAll(spelling, "[redacted]"), text);
}

/** Lists the ways to write a secret. Not as a regular expression: a failure to compile one would quote the secret. */
function spellings(secret: string): string[] {
  const form = new URLSearchParams({ "": secret }).toString().slice(1);
  const component = form.replaceAll("+", "%20").replaceAll(/%(?:21|27|28|29|7E)/g, decodeURIComponent);
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    form,
    inLowerCase(form),
    component,
    inLowerCase(component),
    json,
    json.replaceAll("/", "\\/"),
  ];
}

function inLowerCase(percentEncoded: string): string {
  return percentEncoded.replaceAll(/%../g, (octet) => octet.toLowerCase());
}

/**
 * Redacts what looks like a token, for secrets that are not known: a run of 20 or more characters with
 * letters and digits, or with a prefix and at least 20 letters (as in Clerk's tokens).
 */
export function withoutTokens(text: string): string {
  return text.replaceAll(/[\w~+=%-]{20,}/g, (run) => {
    const isToken = /\d/.test(run) ? /[A-Za-z]/.test(run) : /_[A-Za-z]{20}/.test(run);
    return isToken ? "[redacted]" : run;
  });
}

export function tokenSecrets({ accessToken, refreshToken = "", idToken = "" }: TokenSet): string[] {
  return [accessToken, refreshToken, idToken];
}
